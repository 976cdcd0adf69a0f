package dev.hangup.parity;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All that a server says on one connection: to a request, and to one more that shows whether the connection goes on.
 *
 * @param bytes  as they came, without dates
 * @param ending how the connection was afterwards
 */
record Conversation(String bytes, String ending) {
    static final String LAST_WORD = "the last word";
    private static final int PATIENCE_MILLIS = 10_000;
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)\r\n");
    private static final Pattern NO_ENTITY = Pattern.compile("(?s)HTTP/1.1 (204|205|304|1..) .*");

    /**
     * Has it.
     *
     * @param parts of the request; each but the first is sent when a head has been read
     */
    static Conversation with(int port, List<byte[]> parts) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        String ending;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            ending = converse(socket, parts, heard);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Conversation(heard.toString(StandardCharsets.ISO_8859_1)
                                        .replaceAll("\nDate: [^\r]*\r", "\nDate: -\r"), ending);
    }

    /** As it would be with a server that closes the connection where it says so, which Helidon 4.5.0 does not. */
    Conversation heedingClose() {
        int close = bytes.indexOf("\r\nConnection: close\r\n");
        if (close < 0) {
            return this;
        }
        int more = bytes.indexOf("HTTP/1.1 ", close);
        return new Conversation(more < 0 ? bytes : bytes.substring(0, more), "closed");
    }

    /**
     * As it would be with a server that ends a response where its length says so, and the connection with it, which Helidon 4.5.0
     * does not.
     *
     * @param head whether it is one to HEAD, which has no content, so that the connection goes on
     */
    Conversation heedingLength(boolean head) {
        int content = bytes.indexOf("\r\n\r\n") + 4;
        Matcher length = LENGTH.matcher(bytes);
        if (!length.find() || length.end() > content) {
            return this;
        }
        int end = content + (head ? 0 : Integer.parseInt(length.group(1)));
        if (end >= bytes.length() || bytes.startsWith("HTTP/1.1 ", end)) {
            return this;
        }
        return head
                ? new Conversation(bytes.substring(0, end) + bytes.substring(bytes.indexOf("HTTP/1.1 ", end)), ending)
                : new Conversation(bytes.substring(0, end), "closed");
    }

    private static String converse(Socket socket, List<byte[]> parts, ByteArrayOutputStream heard) {
        try {
            boolean head = new String(parts.getFirst(), StandardCharsets.ISO_8859_1).startsWith("HEAD");
            socket.getOutputStream().write(parts.getFirst());
            for (byte[] part : parts.subList(1, parts.size())) {
                until(socket.getInputStream(), heard, "\r\n\r\n");
                socket.getOutputStream().write(part);
            }
            response(socket.getInputStream(), heard, head);
            socket.getOutputStream().write("GET /last HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            until(socket.getInputStream(), heard, LAST_WORD);
            return "goes on";
        } catch (SocketTimeoutException e) {
            return "silence";
        } catch (IOException e) {
            return "closed";
        }
    }

    /** Reads a response to its end, so that a reset that follows cannot swallow a part of it. */
    private static void response(InputStream input, ByteArrayOutputStream heard, boolean head) throws IOException {
        int from = heard.size();
        until(input, heard, "\r\n\r\n");
        String lines = heard.toString(StandardCharsets.ISO_8859_1).substring(from);
        Matcher length = LENGTH.matcher(lines);
        if (head || NO_ENTITY.matcher(lines).matches()) {
            return;
        }
        if (length.find()) {
            heard.write(input.readNBytes(Integer.parseInt(length.group(1))));
        } else if (lines.contains("chunked")) {
            until(input, heard, "\r\n0\r\n");
            until(input, heard, "\r\n");
        }
    }

    private static void until(InputStream input, ByteArrayOutputStream heard, String end) throws IOException {
        StringBuilder tail = new StringBuilder();
        while (tail.indexOf(end) < 0) {
            int b = input.read();
            if (b < 0) {
                throw new IOException("The server has closed");
            }
            heard.write(b);
            tail.append((char) b);
            if (tail.length() > end.length()) {
                tail.deleteCharAt(0);
            }
        }
    }
}

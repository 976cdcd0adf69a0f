package dev.hangup.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A client that says over a socket exactly what it is told to, and leaves as it is told to. */
public final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = (int) Await.TIME.toMillis();

    private final Socket socket;
    /** What lies below TLS; otherwise the same. */
    private final Socket tcp;
    private final InputStream input;

    private RawClient(Socket socket, Socket tcp) throws IOException {
        this.socket = socket;
        this.tcp = tcp;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        this.input = socket.getInputStream();
    }

    /** Connected in clear text. */
    public static RawClient connect(int port) {
        try {
            return over(new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connected in clear text from an address of this machine, such as {@code 127.0.0.2}. */
    public static RawClient connect(int port, String from) {
        try {
            return over(new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(from), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Over a socket that is connected, of any kind. */
    public static RawClient over(Socket socket) {
        return over(socket, socket);
    }

    /** Over a socket that is connected, and the one below it. */
    public static RawClient over(Socket socket, Socket tcp) {
        try {
            return new RawClient(socket, tcp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a GET without a body, with further headers each ended by CR LF. */
    public RawClient get(String path, String... headers) {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("", headers) + "\r\n");
    }

    /** Sends text as it is. */
    public RawClient send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes as they are, in one write. */
    public RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one response, framed by its length or in chunks. */
    public Response read() {
        try {
            String[] lines = readHead().split("\r\n");
            Map<String, String> headers = new TreeMap<>();
            for (int i = 1; i < lines.length; i++) {
                int colon = lines[i].indexOf(':');
                headers.merge(lines[i].substring(0, colon).toLowerCase(Locale.ROOT), lines[i].substring(colon + 1).strip(),
                              (one, two) -> one + ", " + two);
            }
            int status = Integer.parseInt(lines[0].split(" ")[1]);
            byte[] body = new byte[0];
            if (headers.getOrDefault("transfer-encoding", "").contains("chunked")) {
                body = readChunks();
            } else if (headers.containsKey("content-length") && status != 304) {
                body = exactly(Integer.parseInt(headers.get("content-length")));
            }
            return new Response(status, headers, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads that many bytes, as text. */
    public String read(int length) {
        try {
            return new String(exactly(length), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads all that comes until the server closes; tells apart an end from a reset by failing for the latter. */
    public byte[] readToEnd() {
        try {
            return input.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #readToEnd}, once something was done. */
    public byte[] readToEndAfter(Runnable action) {
        action.run();
        return readToEnd();
    }

    /** Reads the head of a response, the empty line included. */
    public String readHead() {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        try {
            while (true) {
                int b = input.read();
                if (b == -1) {
                    throw new EOFException("The server closed after '" + head.toString(StandardCharsets.ISO_8859_1) + "'");
                }
                head.write(b);
                if (b == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                    return head.toString(StandardCharsets.ISO_8859_1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one chunk of a response that comes in chunks; empty at its end. */
    public String readChunk() {
        try {
            String chunk = new String(exactly(Integer.parseInt(line(), 16)), StandardCharsets.UTF_8);
            line();
            return chunk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves in good order: a FIN, or under TLS a close_notify before it. */
    public void leave() {
        close();
    }

    /** Leaves with a reset. */
    public void reset() {
        try {
            tcp.setSoLinger(true, 0);
            tcp.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves with a FIN, under TLS without a word before it. */
    public void vanish() {
        try {
            tcp.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a FIN but can still read, under TLS without a word before it. */
    public void endConnectionsOutput() {
        try {
            tcp.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends no more, but can still read: a FIN, or under TLS a close_notify alone. */
    public void endOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The socket itself. */
    public Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] readChunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            if (size == 0) {
                while (!line().isEmpty()) {
                    // trailers are not looked at
                }
                return body.toByteArray();
            }
            body.write(exactly(size));
            line();
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = input.read();
            if (b == -1) {
                throw new EOFException("The server closed in the middle of a line: " + line);
            }
            if (b == '\n') {
                return line.substring(0, line.length() - 1);
            }
            line.append((char) b);
        }
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = input.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("The server closed after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    /**
     * A response.
     *
     * @param status  its status
     * @param headers by name in lower case
     * @param body    its bytes, without the framing
     */
    public record Response(int status, Map<String, String> headers, byte[] body) {
        /** The body as text. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }
}

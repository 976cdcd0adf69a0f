package dev.hangup.proof;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads answers, and compares each byte with what it has to be. */
final class ResponseReader {
    /** What came of an answer. */
    enum Seen { WHOLE, STOPPED, REFUSED, CUT_OFF, NOTHING }

    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String STOPPED = "HTTP/1.1 503 Service Unavailable\r\n";
    private static final Pattern REFUSED = Pattern.compile("HTTP/1.1 (400|500) ");
    private static final String PROBLEM = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
            + "\"detail\":\"The deadline of this request has passed\"}\n";

    private final InputStream input;
    /** Of the answer that is being read. */
    private final StringBuilder head = new StringBuilder();

    ResponseReader(InputStream input) {
        this.input = input;
    }

    Seen read(Exchange exchange) throws IOException {
        boolean whole = readHead();
        if (whole && exchange.expectsContinue && head.toString().equals(CONTINUE)) {
            whole = readHead();
        }
        if (!whole) {
            require(head.isEmpty() || startsLike(OK) || startsLike(STOPPED) || REFUSED.matcher(head).lookingAt()
                            || exchange.expectsContinue && startsLike(CONTINUE), "head " + describe());
            return head.isEmpty() ? Seen.NOTHING : Seen.CUT_OFF;
        }
        Map<String, String> headers = headers();
        if (REFUSED.matcher(head).lookingAt()) {
            input.skipNBytes(Integer.parseInt(headers.get("content-length")));
            return Seen.REFUSED;
        }
        if (head.indexOf(STOPPED) == 0) {
            require(headers.keySet().equals(Set.of("date", "connection", "content-type", "content-length", "retry-after"))
                            && headers.get("connection").equals("close"), "headers " + head);
            return body(headers, PROBLEM.getBytes(StandardCharsets.US_ASCII)) ? Seen.STOPPED : Seen.CUT_OFF;
        }
        require(head.indexOf(OK) == 0, "status " + head);
        boolean chunked = "chunked".equals(headers.get("transfer-encoding"));
        require(headers.keySet().equals(Set.of("date", "connection", "x-id", chunked ? "transfer-encoding" : "content-length"))
                        && headers.get("connection").equals("keep-alive"), "headers " + head);
        require(headers.get("x-id").equals(Exchange.digits(exchange.id)), "an answer to another request: " + head);
        return (chunked ? chunks(exchange.answer()) : body(headers, exchange.answer())) ? Seen.WHOLE : Seen.CUT_OFF;
    }

    /** After the last answer. */
    void readEnd() throws IOException {
        byte[] more = input.readAllBytes();
        require(more.length == 0, "something after the end: " + new String(more, StandardCharsets.ISO_8859_1));
    }

    private boolean body(Map<String, String> headers, byte[] expected) throws IOException {
        require(headers.get("content-length").equals(String.valueOf(expected.length)), "length: " + head);
        return content(expected, 0, expected.length);
    }

    private boolean chunks(byte[] expected) throws IOException {
        int read = 0;
        while (true) {
            int size = 0;
            for (int b = input.read(); b != '\r'; b = input.read()) {
                if (b == -1) {
                    return false;
                }
                require(Character.digit(b, 16) >= 0, "chunk size");
                size = size << 4 | Character.digit(b, 16);
            }
            if (!exactly("\n")) {
                return false;
            }
            if (size == 0) {
                boolean whole = exactly("\r\n");
                require(!whole || read == expected.length, "chunks end after " + read + " of " + expected.length);
                return whole;
            }
            require(read + size <= expected.length, "a chunk too long");
            if (!content(expected, read, size) || !exactly("\r\n")) {
                return false;
            }
            read += size;
        }
    }

    private boolean content(byte[] expected, int from, int length) throws IOException {
        byte[] bytes = input.readNBytes(length);
        int differs = Arrays.mismatch(expected, from, from + bytes.length, bytes, 0, bytes.length);
        require(differs < 0, "content differs at " + (from + differs) + " of " + expected.length);
        return bytes.length == length;
    }

    private boolean exactly(String text) throws IOException {
        byte[] bytes = input.readNBytes(text.length());
        require(text.startsWith(new String(bytes, StandardCharsets.ISO_8859_1)), "framing");
        return bytes.length == text.length();
    }

    private boolean readHead() throws IOException {
        head.setLength(0);
        while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
            int b = input.read();
            if (b == -1) {
                return false;
            }
            head.append((char) b);
            require(head.length() < 500, "head " + describe());
        }
        return true;
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new TreeMap<>();
        head.toString().lines().skip(1).filter(line -> !line.isEmpty()).forEach(line -> {
            String[] parts = line.split(": ", 2);
            require(headers.put(parts[0].toLowerCase(), parts[1]) == null, "headers " + head);
        });
        return headers;
    }

    private String describe() {
        return head + " " + HexFormat.of().formatHex(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private boolean startsLike(String text) {
        return head.indexOf(text) == 0 || text.startsWith(head.toString());
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("Wrong bytes: " + what);
        }
    }
}

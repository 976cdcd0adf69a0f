package dev.hangup.internal.http1;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.Bytes;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http1.Http1Config;

/**
 * Supplies the bytes of a connection, with HTTP/1.0 requests rewritten as HTTP/1.1 requests.
 * <p>
 * Helidon 4.5.0 has no HTTP/1.0. Where it chooses between protocols it closes the connection without a response ({@code
 * ConnectionHandler.run}), otherwise it responds with 505 ({@code Http1Prologue}). But simple health checks and older proxies
 * speak it. So the version in the first line is replaced, and a {@code Host} is supplied if there is none, which HTTP/1.0 permits
 * and Helidon does not. All else follows from the header fields, once Helidon has read them ({@link RequestFraming}).
 * <p>
 * No more is held than Helidon permits for a header. A longer header is passed on unchanged, and Helidon refuses it. Nothing
 * is held once the connection has switched to another protocol.
 * <p>
 * Used by one thread at a time, the one that reads.
 */
final class Http10Requests implements Supplier<byte[]> {
    private static final byte[] VERSION = " HTTP/1.0\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW_VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW_HOST = "Host: localhost\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String HOST = "\r\nhost:";
    private static final String END = "\r\n\r\n";

    private final Supplier<byte[]> delegate;
    private final Http1Config limits;
    /** Whether the first line of the current request has been read, and the request is not over. */
    private boolean begun;
    /**
     * Whether bytes of the current request have arrived, and its header has not been read to its end. Not known of a request whose
     * first bytes have arrived together with those before, until its first line has been read.
     */
    private boolean amidHeader;
    /** Whether the connection has switched to another protocol, whose bytes are passed on as they arrive. */
    private boolean switched;
    /** Whether the current request is an HTTP/1.0 request. */
    private boolean http10;

    Http10Requests(Supplier<byte[]> delegate, Http1Config limits) {
        this.delegate = delegate;
        this.limits = limits;
    }

    /**
     * Whether the first line of a request is that of an HTTP/1.0 request.
     *
     * @param lineFeed where it ends; negative if it has not ended
     */
    static boolean isHttp10(BufferData bytes, int lineFeed) {
        int start = lineFeed + 1 - VERSION.length;
        return start > 0 && contains(bytes, start, VERSION);
    }

    /** Whether a buffer contains the expected bytes at an index. */
    static boolean contains(BufferData bytes, int index, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (bytes.get(index + i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** Called when the first line of a request has been read. */
    void begin() {
        begun = true;
        amidHeader = true;
    }

    /** Called when the header of a request has been read. */
    void headerRead() {
        amidHeader = false;
    }

    /** Whether a part of the current request has arrived, as far as is known, and its header has not been read to its end. */
    boolean amidHeader() {
        return amidHeader;
    }

    /** Called when the current request is over. */
    void over() {
        begun = false;
        amidHeader = false;
    }

    /** Called when the connection switches to another protocol: no request follows. */
    void switched() {
        switched = true;
    }

    /** Whether the current request is an HTTP/1.0 request; if so, it is the last one. */
    boolean isHttp10() {
        return http10;
    }

    @Override
    public byte[] get() {
        byte[] read = delegate.get();
        if (read == null && begun && amidHeader) {
            // Helidon 4.5.0 would log a stack trace, and respond with 500 (Http1HeadersParser.readHeaders)
            throw left();
        }
        if (begun || switched || read == null || read.length == 0) {
            return read;
        }
        amidHeader = true;
        return request(read);
    }

    private byte[] request(byte[] read) {
        byte[] bytes = read;
        int lineFeed = indexOfLineFeed(bytes, 0);
        while (lineFeed < 0 && bytes.length <= limits.maxPrologueLength()) {
            byte[] more = append(bytes);
            if (more == bytes) {
                return bytes;
            }
            lineFeed = indexOfLineFeed(more, bytes.length);
            bytes = more;
        }
        return isHttp10(BufferData.create(bytes), lineFeed) ? header(bytes, lineFeed + 1) : bytes;
    }

    private byte[] header(byte[] line, int fields) {
        byte[] bytes = line;
        int end = indexOfEnd(bytes, fields - 2);
        while (end < 0 && bytes.length <= fields + limits.maxHeadersSize()) {
            byte[] more = append(bytes);
            if (more == bytes) {
                return bytes;
            }
            end = indexOfEnd(more, Math.max(fields - 2, bytes.length - END.length()));
            bytes = more;
        }
        if (end < 0) {
            return bytes;
        }
        http10 = true;
        boolean hasHost = text(bytes, fields - 2, end).toLowerCase(Locale.ROOT).contains(HOST);
        byte[] host = hasHost ? new byte[0] : NEW_HOST;
        BufferData translated = BufferData.create(bytes.length + host.length);
        translated.write(bytes, 0, fields - VERSION.length);
        translated.write(NEW_VERSION);
        translated.write(host);
        translated.write(bytes, fields, bytes.length - fields);
        return translated.readBytes();
    }

    /** Returns the bytes and those that are read next; the same array if none were read. */
    private byte[] append(byte[] bytes) {
        byte[] next = delegate.get();
        if (next == null) {
            throw left();
        }
        if (next.length == 0) {
            return bytes;
        }
        byte[] both = Arrays.copyOf(bytes, bytes.length + next.length);
        System.arraycopy(next, 0, both, bytes.length, next.length);
        return both;
    }

    private static CloseConnectionException left() {
        return new CloseConnectionException("The client left before the header of its request was complete");
    }

    private static int indexOfLineFeed(byte[] bytes, int from) {
        return Bytes.firstIndexOf(bytes, from, bytes.length, Bytes.LF_BYTE);
    }

    private static int indexOfEnd(byte[] bytes, int from) {
        int at = text(bytes, from, bytes.length).indexOf(END);
        return at < 0 ? at : from + at;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}

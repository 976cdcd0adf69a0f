package dev.hangup.internal.http2;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Finds the frames of an HTTP/2 client in bytes that come in pieces, however these are cut. Not for more than one thread at
 * a time.
 */
final class FrameParser {
    private final byte[] header = new byte[Frame.HEADER];
    /** How much of the next header there is. */
    private int have;
    /** How many bytes there are before it: the preface, or the rest of a payload. */
    private int left = Frame.PREFACE;
    private Frame frame;

    /**
     * Reads on: to the end of a payload, or to the end of a header.
     *
     * @return where it stopped, which is the end of the bytes or where something else begins
     */
    int read(byte[] bytes, int at) {
        if (left > 0) {
            int payload = Math.min(left, bytes.length - at);
            left -= payload;
            return at + payload;
        }
        int length = Math.min(Frame.HEADER - have, bytes.length - at);
        System.arraycopy(bytes, at, header, have, length);
        have += length;
        if (have == Frame.HEADER) {
            have = 0;
            frame = Frame.parse(header);
            left = frame.length();
        }
        return at + length;
    }

    /** A source whose frames are looked at as they are read: long before Helidon asks for them, if need be. */
    Supplier<byte[]> scanning(Supplier<byte[]> source, Consumer<Frame> seen) {
        return () -> {
            byte[] bytes = source.get();
            if (bytes != null) {
                scan(bytes, seen);
            }
            return bytes;
        };
    }

    /** Reads all of the bytes. */
    void scan(byte[] bytes, Consumer<Frame> seen) {
        int at = 0;
        while (at < bytes.length) {
            boolean header = left == 0;
            at = read(bytes, at);
            if (header && !inHeader()) {
                seen.accept(frame);
            }
        }
    }

    /** The header that was read last; {@code null} after the preface. */
    Frame frame() {
        return frame;
    }

    /** How much of the payload is to come; 0 while a header is read. */
    int left() {
        return left;
    }

    /** Whether the bytes that were read last belong to a header that is not complete. */
    boolean inHeader() {
        return have > 0;
    }

    /** The header that was read last, as it was sent. */
    byte[] header() {
        return header;
    }
}

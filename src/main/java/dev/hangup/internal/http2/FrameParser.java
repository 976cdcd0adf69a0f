package dev.hangup.internal.http2;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** Finds the frames of an HTTP/2 client in a stream of bytes that arrives in arbitrary pieces. Not thread-safe. */
final class FrameParser {
    private final byte[] header = new byte[Frame.HEADER_LENGTH];
    /** The number of bytes of the next header that were read. */
    private int have;
    /** The number of bytes before the next header: the preface, or the rest of a payload. */
    private int left = Frame.PREFACE_LENGTH;
    private Frame frame;

    /**
     * Continues to the end of a payload or of a header.
     *
     * @return the index where it stopped: the end of the bytes, or the start of the next part
     */
    int read(byte[] bytes, int at) {
        if (left > 0) {
            int payload = Math.min(left, bytes.length - at);
            left -= payload;
            return at + payload;
        }
        int length = Math.min(Frame.HEADER_LENGTH - have, bytes.length - at);
        System.arraycopy(bytes, at, header, have, length);
        have += length;
        if (have == Frame.HEADER_LENGTH) {
            have = 0;
            frame = Frame.parse(header);
            left = frame.length();
        }
        return at + length;
    }

    /**
     * A source whose frames are observed as they are read, possibly long before Helidon requests them.
     *
     * @param seen  receives each frame
     * @param ended run when the source ends
     */
    Supplier<byte[]> scanning(Supplier<byte[]> source, Consumer<Frame> seen, Runnable ended) {
        return () -> {
            byte[] bytes = source.get();
            if (bytes == null) {
                ended.run();
            } else {
                scan(bytes, seen);
            }
            return bytes;
        };
    }

    private void scan(byte[] bytes, Consumer<Frame> seen) {
        int at = 0;
        while (at < bytes.length) {
            boolean header = left == 0;
            at = read(bytes, at);
            if (header && !inHeader()) {
                seen.accept(frame);
            }
        }
    }

    /** The last header that was read; {@code null} after the preface. */
    Frame frame() {
        return frame;
    }

    /** The number of bytes of the payload that are still to come; 0 while a header is read. */
    int left() {
        return left;
    }

    /** Whether the bytes that were read last belong to an incomplete header. */
    boolean inHeader() {
        return have > 0;
    }
}

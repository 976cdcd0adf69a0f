package dev.hangup.connection;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks at the headers of the frames that a client sends, as they are read: long before they are asked for, if need
 * be. Changes nothing.
 */
final class FrameScanner implements Supplier<byte[]> {
    private final Supplier<byte[]> socket;
    private final Consumer<Frame> seen;
    // what follows is owned by whoever reads, one at a time
    private final byte[] header = new byte[Frame.HEADER];
    /** How much of the next header there is. */
    private int have;
    /** How many bytes there are before it. */
    private int skip = Frame.PREFACE;

    FrameScanner(Supplier<byte[]> socket, Consumer<Frame> seen) {
        this.socket = socket;
        this.seen = seen;
    }

    @Override
    public byte[] get() {
        byte[] bytes = socket.get();
        if (bytes != null) {
            scan(bytes);
        }
        return bytes;
    }

    void scan(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (skip > 0) {
                int skipped = Math.min(skip, bytes.length - at);
                skip -= skipped;
                at += skipped;
                continue;
            }
            header[have++] = bytes[at++];
            if (have == Frame.HEADER) {
                Frame frame = Frame.parse(header);
                have = 0;
                skip = frame.length();
                seen.accept(frame);
            }
        }
    }
}

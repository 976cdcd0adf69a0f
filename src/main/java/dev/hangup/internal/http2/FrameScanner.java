package dev.hangup.internal.http2;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks at the headers of the frames that a client sends, as they are read: long before Helidon asks for them, if need be.
 * Changes nothing.
 */
final class FrameScanner implements Supplier<byte[]> {
    private final Supplier<byte[]> socket;
    private final Consumer<Frame> seen;
    /** Owned by the thread that reads; there is one at a time. */
    private final FrameParser parser = new FrameParser();

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
            boolean header = parser.left() == 0;
            at = parser.read(bytes, at);
            if (header && !parser.inHeader()) {
                seen.accept(parser.frame());
            }
        }
    }
}

package dev.hangup.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much a client still takes on a stream, or on all of them (RFC 9113, 5.2). It may become negative, if the client
 * changes its mind about the windows of all streams.
 */
final class SendWindow {
    private static final long LARGEST = Integer.MAX_VALUE;

    private final AtomicLong open;

    /**
     * @param open bytes
     */
    SendWindow(long open) {
        this.open = new AtomicLong(open);
    }

    /** The client takes more; {@code false} if that is more than there can be. */
    boolean grant(long bytes) {
        return open.addAndGet(bytes) <= LARGEST;
    }

    void spend(int bytes) {
        open.addAndGet(-bytes);
    }
}

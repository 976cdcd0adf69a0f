package dev.hangup.internal.http2;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much a client still takes on a stream, or on all of them (RFC 9113, 5.2). It may become negative, if the client
 * changes its mind about the windows of all streams.
 */
final class SendWindow {
    private static final long LARGEST = Integer.MAX_VALUE;

    private final AtomicLong open;
    private final AtomicInteger framesSent = new AtomicInteger();

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

    /** A frame of data is sent. */
    void spend(int bytes) {
        open.addAndGet(-bytes);
        framesSent.incrementAndGet();
    }

    /** How many frames of data were sent since this was asked last. */
    int framesSent() {
        return framesSent.getAndSet(0);
    }
}

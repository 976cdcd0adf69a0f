package dev.hangup.internal.connection;

import dev.hangup.internal.time.Timer;

/**
 * The time that a connection's requests in flight are given when the server stops.
 * <p>
 * Helidon closes a connection gently in two cases: when the server stops, before its grace period; and when the connection was
 * idle, on the thread that has just checked that. The drain begins only in the first case. In the second, a request that has
 * begun since the check must not be cancelled.
 */
public final class Drain {
    private final ConnectionPolicy policy;
    /** When requests are cancelled; valid once {@link #begun} is set. Written by the thread that stops the server. */
    private long stopAt;
    private volatile boolean begun;
    /** The thread that last found the connection idle. */
    private volatile Thread idleSeenBy;

    public Drain(ConnectionPolicy policy) {
        this.policy = policy;
    }

    public void seenIdle() {
        idleSeenBy = Thread.currentThread();
    }

    /**
     * Called when the current thread closes the connection gently. Begins the drain unless the connection is closed because it
     * was idle.
     *
     * @param stop cancels the requests in flight; must not block
     */
    public void begin(Runnable stop) {
        if (Thread.currentThread() != idleSeenBy && !begun) {
            stopAt = System.nanoTime() + policy.drain().toNanos();
            begun = true;
            policy.stopping().run();
            Timer.after(policy.drain(), stop);
        }
    }

    public boolean begun() {
        return begun;
    }

    /** Whether the time is over, so that a request that begins now has none left. */
    public boolean isOver() {
        return begun && System.nanoTime() - stopAt >= 0;
    }
}

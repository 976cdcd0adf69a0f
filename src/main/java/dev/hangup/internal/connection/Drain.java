package dev.hangup.internal.connection;

import java.time.Duration;

import dev.hangup.internal.time.Timer;

/**
 * The time that a connection's requests in flight are given when the server stops.
 * <p>
 * Helidon closes gently when the server stops, then waits for its grace period; and it closes so when the connection
 * was idle, from the thread that has just asked for that. Only the first ends a request in flight; one that has begun
 * since the idle timer looked is none of its business.
 */
public final class Drain {
    private final Duration time;
    private final Runnable stopping;
    /** When requests are to be stopped; of meaning once {@link #begun} is set. Written by the thread that stops the server. */
    private long stopAt;
    private volatile boolean begun;
    /** The thread that last found the connection idle. */
    private volatile Thread idleSeenBy;

    /**
     * @param stopping told when the drain begins
     */
    public Drain(Duration time, Runnable stopping) {
        this.time = time;
        this.stopping = stopping;
    }

    public void seenIdle() {
        idleSeenBy = Thread.currentThread();
    }

    /**
     * The connection is closed gently, by the current thread.
     *
     * @param stop stops the requests that are in flight; must not block
     */
    public void begin(Runnable stop) {
        if (Thread.currentThread() != idleSeenBy && !begun) {
            stopAt = System.nanoTime() + time.toNanos();
            begun = true;
            stopping.run();
            Timer.after(time, stop);
        }
    }

    public boolean begun() {
        return begun;
    }

    /** Whether the time is over, so that a request that begins now has none. */
    public boolean isOver() {
        return begun && System.nanoTime() - stopAt >= 0;
    }
}

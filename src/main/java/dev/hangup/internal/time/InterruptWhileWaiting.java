package dev.hangup.internal.time;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts a thread, but only while it waits. If it waits for a blocking read or write of a socket, the interrupt closes the
 * socket; nothing else ends such a wait.
 */
public final class InterruptWhileWaiting {
    private final Thread thread;
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock, which settles the race of the interrupt with the end: no interrupt is sent after the end. */
    private boolean over;
    private boolean interrupted;

    /** The calling thread is about to wait. */
    public InterruptWhileWaiting() {
        this(Thread.currentThread());
    }

    public InterruptWhileWaiting(Thread waiting) {
        this.thread = waiting;
    }

    /** Interrupts the thread, unless it no longer waits. Called by any thread. */
    public void interrupt() {
        lock.lock();
        try {
            if (!over) {
                interrupted = true;
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the wait. Called on the thread that has waited. Returns whether this object has interrupted it; if so, the interrupt
     * status is cleared, whatever has set it. The cancellation of the thread's work may have set it, so the caller must check
     * whether its work is cancelled.
     */
    public boolean end() {
        lock.lock();
        try {
            over = true;
            if (interrupted) {
                Thread.interrupted();
            }
            return interrupted;
        } finally {
            lock.unlock();
        }
    }
}

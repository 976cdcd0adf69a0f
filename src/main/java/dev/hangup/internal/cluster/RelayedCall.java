package dev.hangup.internal.cluster;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A call to another member, made by the thread of a request. It is aborted by an interrupt, which closes its connection, when
 * that member is gone from the view: the connection to a frozen member would stay open.
 */
final class RelayedCall {
    private final String member;
    private final Thread thread = Thread.currentThread();
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock, which settles the race of the call's end with its abort: no interrupt is sent after the end. */
    private boolean over;
    private boolean aborted;

    RelayedCall(String member) {
        this.member = member;
    }

    String member() {
        return member;
    }

    void abort() {
        lock.lock();
        try {
            if (!over) {
                aborted = true;
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the call, on its own thread. If it was aborted, the interrupt status is cleared, whatever has set it. */
    void end() {
        lock.lock();
        try {
            over = true;
            if (aborted) {
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
    }
}

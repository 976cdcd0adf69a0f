package dev.hangup.internal.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.Deadline;

/**
 * Sends a member the later deadlines of the requests that wait for it, the latest one at a time.
 * <p>
 * A member does not know a call that it has not received yet, nor one whose result it is sending. It is asked again after pauses
 * that double, and {@link #TRIES} times in all, which takes five seconds. If that is in vain, the computation keeps the earlier
 * deadline until another request joins. Each time takes a connection, which would otherwise slow down the very result that is
 * on its way.
 */
final class DeadlineSender {
    static final int TRIES = 10;
    private static final int FIRST_PAUSE_MILLIS = 10;

    private final Relay.Target target;
    private final Lock lock = new ReentrantLock();
    /** The deadline that the member knows. Guarded by the lock, as are the next three. */
    private Deadline known;
    /** The one that it is to know; not earlier. */
    private Deadline wanted;
    /** Sends; {@code null} while nothing is to be sent. */
    private Thread thread;
    private boolean over;

    DeadlineSender(Relay.Target target, Deadline known) {
        this.target = target;
        this.known = known;
        this.wanted = known;
    }

    /** Returns the deadline that the member knows, or that is being sent. */
    Deadline latest() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /** Has a deadline sent that is later than all others. */
    void send(Deadline later) {
        lock.lock();
        try {
            if (thread == null && !over) {
                // belongs to none of the requests, each of which may leave
                Thread starting = Thread.ofVirtual().name("hangup-relay").inheritInheritableThreadLocals(false)
                        .unstarted(this::run);
                starting.start();
                // assigned only now: if no thread could be started, the next request tries again
                thread = starting;
            }
            wanted = later;
        } finally {
            lock.unlock();
        }
    }

    /** Sends nothing more; interrupts what is being sent, which may go on until it reacts. */
    void end() {
        lock.lock();
        try {
            over = true;
            if (thread != null) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            int failed = 0;
            while (isWanted(failed)) {
                if (failed > 0) {
                    TimeUnit.MILLISECONDS.sleep((long) FIRST_PAUSE_MILLIS << failed - 1);
                }
                Deadline later = latest();
                if (target.extend(later)) {
                    knows(later);
                    failed = 0;
                } else {
                    failed++;
                }
            }
        } catch (InterruptedException e) {
            // at the end
            isWanted(TRIES);
        } catch (RuntimeException | Error e) {
            isWanted(TRIES);
            throw e;
        }
    }

    /** Whether to go on after so many failures in a row; if not, this thread sends nothing more. */
    private boolean isWanted(int failed) {
        lock.lock();
        try {
            if (!over && failed < TRIES && wanted.compareTo(known) > 0) {
                return true;
            }
            wanted = known;
            thread = null;
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void knows(Deadline later) {
        lock.lock();
        try {
            known = later;
        } finally {
            lock.unlock();
        }
    }
}

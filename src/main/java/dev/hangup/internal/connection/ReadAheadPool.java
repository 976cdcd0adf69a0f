package dev.hangup.internal.connection;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes that connections borrow beyond what each of them is guaranteed, and the connections that wait until there is
 * room. A connection waits at most once, and is served in the order of arrival.
 */
final class ReadAheadPool {
    private final long size;
    private final AtomicLong borrowed = new AtomicLong();

    private final Lock lock = new ReentrantLock();
    /** Guarded by lock. */
    private final Set<ReadAheadShare> waiting = new LinkedHashSet<>();
    /** Whether there are any, for those that do not hold the lock. Written with it. */
    private volatile boolean someWait;
    /** A thread serves those that wait. */
    private final AtomicBoolean serving = new AtomicBoolean();

    ReadAheadPool(long size) {
        this.size = size;
    }

    boolean hasRoom() {
        return borrowed.get() < size;
    }

    /** Borrows as many bytes as there are, at most so many; returns how many. */
    long borrow(long bytes) {
        long before = borrowed.getAndUpdate(lent -> lent + Math.min(bytes, size - lent));
        return Math.min(bytes, size - before);
    }

    void giveBack(long bytes) {
        borrowed.addAndGet(-bytes);
        serve();
    }

    /** The share is asked again when there is room. */
    void await(ReadAheadShare share) {
        lock.lock();
        try {
            waiting.add(share);
            someWait = true;
        } finally {
            lock.unlock();
        }
        // guards against the race with bytes that were given back before the share was there to be seen
        serve();
    }

    void forget(ReadAheadShare share) {
        if (someWait) {
            lock.lock();
            try {
                waiting.remove(share);
                someWait = !waiting.isEmpty();
            } finally {
                lock.unlock();
            }
        }
    }

    /** How many connections wait. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        if (someWait && hasRoom() && serving.compareAndSet(false, true)) {
            // those that wait take locks of their own, and the caller holds some
            Thread.ofVirtual().inheritInheritableThreadLocals(false).start(this::serveAll);
        }
    }

    private void serveAll() {
        try {
            while (hasRoom()) {
                Optional<ReadAheadShare> first = first();
                if (first.isEmpty()) {
                    break;
                }
                first.get().takeIfRoom().ifPresent(Runnable::run);
            }
        } finally {
            serving.set(false);
            // guards against the race with those that found this thread still at it
            serve();
        }
    }

    private Optional<ReadAheadShare> first() {
        lock.lock();
        try {
            Iterator<ReadAheadShare> shares = waiting.iterator();
            if (!shares.hasNext()) {
                return Optional.empty();
            }
            ReadAheadShare first = shares.next();
            shares.remove();
            someWait = shares.hasNext();
            return Optional.of(first);
        } finally {
            lock.unlock();
        }
    }
}

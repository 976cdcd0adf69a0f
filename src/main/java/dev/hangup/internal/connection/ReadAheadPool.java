package dev.hangup.internal.connection;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.time.ThreadStarter;

/**
 * The bytes that connections borrow beyond their guaranteed shares, and the queue of connections that wait for room. Each
 * connection is queued at most once; the queue is first in, first out.
 */
final class ReadAheadPool {
    private final long size;
    private final AtomicLong borrowed = new AtomicLong();

    private final Lock lock = new ReentrantLock();
    /** Guarded by lock. */
    private final Set<ReadAheadShare> waiting = new LinkedHashSet<>();
    /** Whether connections wait; for threads that do not hold the lock. Written under the lock. */
    private volatile boolean someWait;
    /** Whether a thread is serving the queue. */
    private final AtomicBoolean serving = new AtomicBoolean();
    private final ThreadStarter threads;
    /** The number of open connections of the pool's address. Changed only within atomic updates of the bounds' map. */
    int connections;

    ReadAheadPool(long size, ThreadFactory threads) {
        this.size = size;
        this.threads = new ThreadStarter(threads);
    }

    boolean hasRoom() {
        return borrowed.get() < size;
    }

    /** Borrows up to the given number of bytes, as far as available; returns the number borrowed. */
    long borrow(long bytes) {
        long before = borrowed.getAndUpdate(lent -> lent + Math.min(bytes, size - lent));
        return Math.min(bytes, size - before);
    }

    void giveBack(long bytes) {
        borrowed.addAndGet(-bytes);
        serve();
    }

    /** Queues the share until there is room. */
    void enqueue(ReadAheadShare share) {
        lock.lock();
        try {
            waiting.add(share);
            someWait = true;
        } finally {
            lock.unlock();
        }
        // guards against the race with bytes that were returned before the share was queued
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

    /** The number of connections that wait. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        // on a thread of its own: waiting shares take locks, and the caller holds locks already
        if (someWait && hasRoom() && serving.compareAndSet(false, true)) {
            threads.start(this::serveAll, () -> serving.set(false), this::serve);
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
            // guards against the race with threads that saw this thread still serving
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

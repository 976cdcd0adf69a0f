package dev.hangup.race;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A platform thread that is there while there is something to tell: one thing after the other, in the order they come.
 * <p>
 * To wake a thread costs more than most of what it is told. So, when it has told all that there was, it rests for a moment in
 * which nobody wakes it: however much there is to tell, few of those who have it pay for that.
 */
final class Teller {
    /** Far more than there is, unless who is told never returns. */
    static final int WAITING = 100_000;

    private static final System.Logger LOGGER = System.getLogger(Teller.class.getName());
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    /** Settles who wakes the thread: it tells, or rests and will look once more. */
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock; {@code null} while there is nothing to tell. */
    private Thread thread;

    Teller(String name) {
        this.name = name;
    }

    /** Neither waits nor throws. What comes when too much waits is dropped. */
    void tell(Runnable told) {
        if (waiting.incrementAndGet() > WAITING) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        queue.add(told);
        if (!awake.get() && awake.compareAndSet(false, true)) {
            wake();
        }
    }

    /** Waits until all is told that was to be told before, but no longer than that. */
    boolean awaitTold(long nanos) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        tell(told::countDown);
        return told.await(nanos, TimeUnit.NANOSECONDS);
    }

    private void wake() {
        lock.lock();
        try {
            if (thread == null) {
                Thread begun = Thread.ofPlatform()
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .name(name)
                        .unstarted(this::run);
                begun.start();
                thread = begun;
            } else {
                LockSupport.unpark(thread);
            }
        } catch (RuntimeException | Error e) {
            // there are no more threads to be had; whoever calls this has more important things to do
            awake.set(false);
            LOGGER.log(System.Logger.Level.WARNING, "Cannot tell what happens to requests", e);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        do {
            do {
                tellAll();
                rest(REST_NANOS);
            } while (!queue.isEmpty());
            awake.set(false);
        } while (queue.isEmpty() ? awaitMore() : awake.compareAndSet(false, true) || awaitMore());
    }

    private void tellAll() {
        for (Runnable told = queue.poll(); told != null; told = queue.poll()) {
            waiting.decrementAndGet();
            try {
                told.run();
            } catch (RuntimeException | Error e) {
                LOGGER.log(System.Logger.Level.WARNING, "Could not tell what happened to a request", e);
            }
        }
        int lost = dropped.getAndSet(0);
        if (lost > 0) {
            LOGGER.log(System.Logger.Level.WARNING, name + " was behind, and was not told of " + lost + " events");
        }
    }

    /** Whether there is more to tell; if not, this thread is no more. */
    private boolean awaitMore() {
        long end = System.nanoTime() + IDLE_NANOS;
        for (long left = IDLE_NANOS; !awake.get() && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        lock.lock();
        try {
            if (awake.get()) {
                return true;
            }
            thread = null;
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void rest(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }
}

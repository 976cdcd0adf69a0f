package dev.hangup.race;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A platform thread that is there while there is something to tell: one thing after the other, in the order they come.
 * <p>
 * To wake a thread costs more than most of what it is told. So, when it has told all that there was, it rests for a moment in
 * which nobody wakes it: however much there is to tell, few of those who have it pay for that. Who has something to tell pays
 * for one compare-and-set, which hangs it on what waits already; the thread takes all that waits at once.
 */
final class Teller {
    /** Far more than there is, unless who is told never returns. */
    static final int WAITING = 100_000;

    private static final System.Logger LOGGER = System.getLogger(Teller.class.getName());
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    /** The latest of what waits, with the others hanging on it. Its CAS settles who comes before whom. */
    private final AtomicReference<Told> latest = new AtomicReference<>();
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
        tell(new Told() {
            @Override
            void tell() {
                told.run();
            }
        });
    }

    /** As above, of something that is told once. */
    void tell(Told told) {
        Told before;
        do {
            before = latest.get();
            told.before = before;
            told.waiting = before == null ? 1 : before.waiting + 1;
            if (told.waiting > WAITING) {
                dropped.incrementAndGet();
                return;
            }
        } while (!latest.compareAndSet(before, told));
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
            } while (latest.get() != null);
            awake.set(false);
        } while (latest.get() == null ? awaitMore() : awake.compareAndSet(false, true) || awaitMore());
    }

    private void tellAll() {
        for (Told taken = latest.getAndSet(null); taken != null; taken = latest.getAndSet(null)) {
            for (Told told = inOrder(taken); told != null; told = told.takeNext()) {
                tellOf(told);
            }
        }
        int lost = dropped.getAndSet(0);
        if (lost > 0) {
            LOGGER.log(System.Logger.Level.WARNING, name + " was behind, and was not told of " + lost + " events");
        }
    }

    private static void tellOf(Told told) {
        try {
            told.tell();
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "Could not tell what happened to a request", e);
        }
    }

    /** The earliest of them, with the others hanging on it. */
    private static Told inOrder(Told latest) {
        Told earliest = null;
        for (Told told = latest; told != null;) {
            Told before = told.before;
            told.before = earliest;
            earliest = told;
            told = before;
        }
        return earliest;
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

    /** Something to tell. Belongs to who tells it, then to the thread. */
    abstract static class Told {
        /** What came before it; while it is being told, what comes after. */
        private Told before;
        /** How much waits, up to this. */
        private int waiting;

        abstract void tell();

        private Told takeNext() {
            Told next = before;
            before = null;
            return next;
        }
    }
}

package dev.hangup.internal.outcome;

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
final class EventDispatcher {
    /** Far more than there is, unless who is told never returns. */
    static final int MAX_PENDING = 100_000;

    private static final System.Logger LOGGER = System.getLogger(EventDispatcher.class.getName());
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    /** The latest of what waits, with the others hanging on it. Its CAS settles who comes before whom. */
    private final AtomicReference<Event> latest = new AtomicReference<>();
    private final AtomicInteger dropped = new AtomicInteger();
    /** Settles who wakes the thread: it tells, or rests and will look once more. */
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock; {@code null} while there is nothing to tell. */
    private Thread thread;

    EventDispatcher(String name) {
        this.name = name;
    }

    /** Neither waits nor throws. What comes when too much waits is dropped. */
    void dispatch(Runnable event) {
        dispatch(new Event() {
            @Override
            void deliver() {
                event.run();
            }
        });
    }

    /** As above, of something that is told once. */
    void dispatch(Event event) {
        Event before;
        do {
            before = latest.get();
            event.before = before;
            event.pending = before == null ? 1 : before.pending + 1;
            if (event.pending > MAX_PENDING) {
                dropped.incrementAndGet();
                return;
            }
        } while (!latest.compareAndSet(before, event));
        if (!awake.get() && awake.compareAndSet(false, true)) {
            wake();
        }
    }

    /** Waits until all is told that was to be told before, but no longer than that. */
    boolean awaitDelivery(long nanos) throws InterruptedException {
        CountDownLatch delivered = new CountDownLatch(1);
        dispatch(delivered::countDown);
        return delivered.await(nanos, TimeUnit.NANOSECONDS);
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
            LOGGER.log(System.Logger.Level.WARNING, "Cannot start the thread that notifies listeners", e);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        do {
            do {
                deliverAll();
                rest(REST_NANOS);
            } while (latest.get() != null);
            awake.set(false);
        } while (latest.get() == null ? awaitMore() : awake.compareAndSet(false, true) || awaitMore());
    }

    private void deliverAll() {
        for (Event taken = latest.getAndSet(null); taken != null; taken = latest.getAndSet(null)) {
            for (Event event = inOrder(taken); event != null; event = event.takeNext()) {
                deliver(event);
            }
        }
        int lost = dropped.getAndSet(0);
        if (lost > 0) {
            LOGGER.log(System.Logger.Level.WARNING, name + " fell behind, and lost " + lost + " events");
        }
    }

    private static void deliver(Event event) {
        try {
            event.deliver();
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "A listener could not be notified", e);
        }
    }

    /** The earliest of them, with the others hanging on it. */
    private static Event inOrder(Event latest) {
        Event earliest = null;
        for (Event event = latest; event != null;) {
            Event before = event.before;
            event.before = earliest;
            earliest = event;
            event = before;
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
    abstract static class Event {
        /** What came before it; while it is being told, what comes after. */
        private Event before;
        /** How much waits, up to this. */
        private int pending;

        abstract void deliver();

        private Event takeNext() {
            Event next = before;
            before = null;
            return next;
        }
    }
}

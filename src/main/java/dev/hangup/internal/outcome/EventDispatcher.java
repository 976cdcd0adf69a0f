package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.text.SafeLog;
import dev.hangup.internal.time.Timer;

/**
 * Dispatches events one after the other, in the order of arrival, on a platform thread that exists while there are events.
 * <p>
 * Waking a thread costs more than delivering most events. So once the thread has delivered all events, it rests for a moment
 * during which it is not woken: however many events there are, few of the threads that dispatch them pay for a wake-up.
 * Dispatching an event costs one compare-and-set, which links it to the pending events; the dispatcher takes all pending events
 * at once.
 * <p>
 * Events that arrive while {@value #MAX_PENDING} are pending are dropped. Those that the thread has taken are no longer pending,
 * and it takes all of them at once. So at most twice as many are kept, and there is room again when the thread has delivered what
 * it has taken.
 */
final class EventDispatcher {
    /** Far more events than are ever pending, unless a listener takes very long. */
    static final int MAX_PENDING = 100_000;

    private static final SafeLog LOGGER = new SafeLog(EventDispatcher.class);
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration RETRY = Duration.ofMillis(100);

    private final String name;
    private final ThreadFactory threads;
    /** The latest of the pending events, linked to the earlier ones. Its CAS settles their order. */
    private final AtomicReference<Event> latest = new AtomicReference<>();
    private final AtomicInteger dropped = new AtomicInteger();
    /**
     * Settles which caller wakes the thread. True while the thread delivers, while it rests and will look for events once more, and
     * while the timer is to start a thread that could not be started at once.
     */
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock; {@code null} while there are no events. */
    private Thread thread;
    /** Why the thread could not be started; {@code null} if it could. Written under the lock, and cleared by the thread. */
    private volatile Throwable notStarted;

    EventDispatcher(String name) {
        this(name, Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name(name).factory());
    }

    EventDispatcher(String name, ThreadFactory threads) {
        this.name = name;
        this.threads = threads;
    }

    /** Neither waits, logs nor throws. */
    void dispatch(Runnable event) {
        dispatch(new Event() {
            @Override
            void deliver() {
                event.run();
            }
        });
    }

    /** As above, for an event that is dispatched only once. */
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

    /** Waits until all events dispatched before have been delivered, or the time has elapsed. */
    boolean awaitDelivery(long nanos) throws InterruptedException {
        CountDownLatch delivered = new CountDownLatch(1);
        dispatch(delivered::countDown);
        return delivered.await(nanos, TimeUnit.NANOSECONDS);
    }

    private void wake() {
        lock.lock();
        try {
            if (thread == null) {
                Thread begun = threads.newThread(this::run);
                begun.start();
                thread = begun;
            } else {
                LockSupport.unpark(thread);
            }
        } catch (RuntimeException | Error e) {
            // No more threads can be started. The caller must not fail for that reason. It does not log it either: it may be the
            // guard against frozen carriers, and logging may wait for a virtual thread that cannot run.
            notStarted = e;
            wakeLater();
        } finally {
            lock.unlock();
        }
    }

    /** Has the timer start the thread, since no other event may follow for hours. */
    private void wakeLater() {
        try {
            Timer.after(RETRY, this::wake);
        } catch (RuntimeException | Error e) {
            // the heap is exhausted, too: the next event is to start the thread
            awake.set(false);
        }
    }

    private void run() {
        try {
            do {
                do {
                    deliverAll();
                    rest(REST_NANOS);
                } while (latest.get() != null);
                awake.set(false);
            } while (latest.get() == null ? awaitMore() : awake.compareAndSet(false, true) || awaitMore());
        } finally {
            makeWay();
        }
    }

    /** If this thread ends because something was thrown, the next event is to start another one. */
    private void makeWay() {
        lock.lock();
        try {
            if (thread == Thread.currentThread()) {
                thread = null;
                awake.set(false);
            }
        } finally {
            lock.unlock();
        }
    }

    private void deliverAll() {
        reportLateStart();
        for (Event taken = latest.getAndSet(null); taken != null; taken = latest.getAndSet(null)) {
            for (Event event = inOrder(taken); event != null; event = event.takeNext()) {
                deliver(event);
            }
        }
        int lost = dropped.getAndSet(0);
        if (lost > 0) {
            LOGGER.warning(name + " fell behind, and lost " + lost + " events", null);
        }
    }

    private void reportLateStart() {
        Throwable failure = notStarted;
        if (failure != null) {
            notStarted = null;
            LOGGER.warning("The thread that notifies listeners could not be started at first", failure);
        }
    }

    private static void deliver(Event event) {
        try {
            event.deliver();
        } catch (Throwable e) {
            // must not end this thread, on which all later events depend
            LOGGER.warning("A listener could not be notified", e);
        } finally {
            // with its interrupt status set, this thread would not rest
            Thread.interrupted();
        }
    }

    /** Reverses the links; returns the earliest event. */
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

    /** Waits for events; returns false if there are none, and this thread ends. */
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

    /** An event to deliver. Owned by the thread that dispatches it, then by the dispatcher's thread. */
    abstract static class Event {
        /** The preceding event; while events are delivered, the following one. */
        private Event before;
        /** The number of pending events up to this one. */
        private int pending;

        abstract void deliver();

        private Event takeNext() {
            Event next = before;
            before = null;
            return next;
        }
    }
}

package dev.hangup.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** What happened, in order, as several threads tell it. */
public final class Trail {
    private final Lock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final List<String> events = new ArrayList<>();

    /** Something happened. */
    public void add(String event) {
        lock.lock();
        try {
            events.add(event);
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something has happened; an error tells what did instead. */
    public void await(String event) {
        await(event, 1);
    }

    /** Waits until something has happened so many times. */
    public void await(String event, int times) {
        await(event::equals, times, event);
    }

    /** Waits until something of a kind has happened. */
    public void awaitAny(Predicate<String> event, String description) {
        await(event, 1, description);
    }

    /** As {@link #await(String)}, for work that may be interrupted meanwhile. */
    public void awaitInterruptibly(String event) throws InterruptedException {
        lock.lock();
        try {
            for (long left = Await.TIME.toNanos(); !events.contains(event);) {
                if (left <= 0) {
                    throw new AssertionError("Waited for '" + event + "', but there was only " + events);
                }
                left = grown.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void await(Predicate<String> event, int times, String description) {
        lock.lock();
        try {
            long left = Await.TIME.toNanos();
            while (events.stream().filter(event).count() < times) {
                if (left <= 0) {
                    throw new AssertionError("Waited for '" + description + "' (" + times + " times), but there was only "
                                                     + events);
                }
                left = grown.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while waiting for " + description, e);
        } finally {
            lock.unlock();
        }
    }

    /** What has happened up to now. */
    public List<String> events() {
        lock.lock();
        try {
            return List.copyOf(events);
        } finally {
            lock.unlock();
        }
    }

    /** Work that lasts until it is interrupted; leaves "started", then "interrupted". */
    public void workUntilInterrupted() throws InterruptedException {
        add("started");
        try {
            TimeUnit.MINUTES.sleep(1);
            add("never interrupted");
        } catch (InterruptedException e) {
            add("interrupted");
            throw e;
        }
    }

    /**
     * Work that swallows interrupts and lasts until something has happened; leaves "started", "interrupted" with each
     * interrupt that it swallows, and "released".
     */
    public void ignoreInterruptsUntil(String event) {
        add("started");
        lock.lock();
        try {
            long left = Await.TIME.toNanos();
            while (!events.contains(event) && left > 0) {
                try {
                    left = grown.awaitNanos(left);
                } catch (InterruptedException e) {
                    events.add("interrupted");
                    grown.signalAll();
                }
            }
            events.add(left > 0 ? "released" : "never released");
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }
}

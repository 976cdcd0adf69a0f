package dev.hangup.demo.page;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.Outcome;

/**
 * What runs, what has just ended, and what all of it took. Bounded, whatever is asked of the server: of work that is in flight
 * beyond {@value #KNOWN} requests only the count is kept until it ends.
 */
final class Ledger {
    /** How many requests in flight are kept. */
    static final int KNOWN = 1000;
    /** How many requests that have ended are kept. */
    static final int ENDED = 30;

    /** By which a page tells this server from one that was started later at the same address. */
    private final String server = UUID.randomUUID().toString();
    private final LongSupplier clock;
    private final long origin;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // all guarded by the lock
    private final Map<String, TrackedRequest> inFlight = new LinkedHashMap<>();
    private final Deque<TrackedRequest> ended = new ArrayDeque<>();
    private final Map<Variant, Count> counts = new EnumMap<>(Variant.class);
    private int pages;
    private Optional<CarrierReport> carriers = Optional.empty();
    private long version;

    /**
     * @param clock tells nanoseconds
     */
    Ledger(LongSupplier clock) {
        this.clock = clock;
        this.origin = clock.getAsLong();
        Stream.of(Variant.values()).forEach(variant -> counts.put(variant, new Count()));
    }

    /** What time it is. */
    long now() {
        return clock.getAsLong() - origin;
    }

    /** Work has begun. */
    void begin(TrackedRequest tracked) {
        change(() -> {
            counts.get(tracked.variant()).begun();
            if (inFlight.size() < KNOWN) {
                inFlight.put(tracked.id(), tracked);
            }
            // the other request of the same start may have come sooner, and been left before this one was there
            if (Stream.concat(inFlight.values().stream(), ended.stream())
                    .anyMatch(it -> it.abandoned() && it.pairsWith(tracked))) {
                tracked.left(tracked.began());
            }
        });
    }

    /** Work that has begun and not ended, if it is one of those that are kept. */
    Optional<TrackedRequest> find(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(inFlight.get(id));
        } finally {
            lock.unlock();
        }
    }

    /** Work was cancelled: nobody waits for it any more, nor, if its client has left, for the other of the same start. */
    void stop(TrackedRequest tracked, long at, Outcome outcome) {
        change(() -> {
            counts.get(tracked.variant()).stopped();
            tracked.stopped(outcome);
            tracked.left(at);
            // the time of others is entered when they end
            if (inFlight.containsKey(tracked.id())) {
                book(tracked, at);
            }
            if (tracked.abandoned()) {
                inFlight.values().stream().filter(tracked::pairsWith).toList().forEach(it -> {
                    it.left(Math.max(at, it.began()));
                    book(it, Math.max(at, it.began()));
                });
            }
        });
    }

    /** Work has ended. */
    void end(TrackedRequest tracked, long at, Outcome outcome, int status) {
        change(() -> {
            counts.get(tracked.variant()).ended();
            tracked.ended(at, outcome, status);
            book(tracked, at);
            inFlight.remove(tracked.id());
            ended.addFirst(tracked);
            if (ended.size() > ENDED) {
                ended.removeLast();
            }
        });
    }

    /** Carriers of virtual threads were added, or it is over. */
    void carriers(CarrierReport report) {
        change(() -> carriers = Optional.of(report).filter(it -> it.event() != CarrierReport.Event.OVER));
    }

    /** A page was opened (1) or left (-1). */
    void pages(int more) {
        change(() -> pages += more);
    }

    /**
     * Waits until there is something that a page was not told. While work is in flight that is so with each slot of its chart.
     *
     * @param snapshot what it was told last
     * @return what there is now
     */
    Snapshot next(Snapshot snapshot) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (version == snapshot.version() && (inFlight.isEmpty() || now() < snapshot.slotEnd())) {
                if (inFlight.isEmpty()) {
                    changed.await();
                } else {
                    changed.awaitNanos(snapshot.slotEnd() - now());
                }
            }
            long now = now();
            advance(now);
            inFlight.values().forEach(it -> book(it, now));
            return Snapshot.at(server, now, version, pages, carriers, inFlight.values(), ended, counts);
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            advance(now());
            change.run();
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void advance(long now) {
        counts.values().forEach(it -> it.time().advance(now));
    }

    private void book(TrackedRequest tracked, long until) {
        tracked.book(counts.get(tracked.variant()).time(), until);
    }
}

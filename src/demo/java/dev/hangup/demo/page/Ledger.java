package dev.hangup.demo.page;

import java.time.Duration;
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

import dev.hangup.cluster.ClusterStatus;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.Outcome;

/**
 * Records requests that run, requests that have just ended, and the time that all of them took. Its size is bounded: beyond
 * {@value #KNOWN} requests in flight, only their number is kept until they end.
 */
final class Ledger {
    /** The maximum number of requests in flight that are kept. */
    static final int KNOWN = 1000;
    /** The maximum number of ended requests that are kept. */
    static final int ENDED = 30;
    /** Far below the time after which proxies close a connection on which the server sends nothing, often a minute. */
    private static final Duration IDLE = Duration.ofSeconds(15);

    /** Lets a page distinguish this server from one that was started later at the same address. */
    private final String server = UUID.randomUUID().toString();
    private final LongSupplier clock;
    private final Duration idle;
    private final long origin;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // all fields below are guarded by the lock
    private final Map<String, TrackedRequest> inFlight = new LinkedHashMap<>();
    private final Deque<TrackedRequest> ended = new ArrayDeque<>();
    private final Map<Variant, Count> counts = new EnumMap<>(Variant.class);
    private int pages;
    private Optional<CarrierReport> carriers = Optional.empty();
    private Optional<ClusterStatus> cluster = Optional.empty();
    private long version;

    /**
     * @param clock returns the time in nanoseconds
     */
    Ledger(LongSupplier clock) {
        this(clock, IDLE);
    }

    /**
     * @param clock returns the time in nanoseconds
     * @param idle  how long {@link #next} waits at most while no work is in flight
     */
    Ledger(LongSupplier clock, Duration idle) {
        this.clock = clock;
        this.idle = idle;
        this.origin = clock.getAsLong();
        Stream.of(Variant.values()).forEach(variant -> counts.put(variant, new Count()));
    }

    /** Returns the current time in nanoseconds. */
    long now() {
        return clock.getAsLong() - origin;
    }

    /** Records the begin of work. */
    void begin(TrackedRequest tracked) {
        change(() -> {
            counts.get(tracked.variant()).begun();
            if (inFlight.size() < KNOWN) {
                inFlight.put(tracked.id(), tracked);
            }
            // the other request of the pair may have arrived and been abandoned before this one
            if (Stream.concat(inFlight.values().stream(), ended.stream())
                    .anyMatch(it -> it.abandoned() && it.pairsWith(tracked))) {
                tracked.left(tracked.began(), false);
            }
        });
    }

    /** Returns a request in flight; empty if it is not kept. */
    Optional<TrackedRequest> find(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(inFlight.get(id));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records that work was cancelled. Nobody waits for it any more; if its client has left, nobody waits for the other
     * request of the pair either.
     *
     * @param delivered whether a part of the response was sent before; that of the pair is alike
     */
    void stop(TrackedRequest tracked, long at, Outcome outcome, boolean delivered) {
        change(() -> {
            counts.get(tracked.variant()).stopped();
            tracked.stopped(outcome);
            tracked.left(at, delivered);
            // the time of other requests is entered when they end
            if (inFlight.containsKey(tracked.id())) {
                book(tracked, at);
            }
            if (tracked.abandoned()) {
                inFlight.values().stream().filter(tracked::pairsWith).toList().forEach(it -> {
                    it.left(Math.max(at, it.began()), delivered);
                    book(it, Math.max(at, it.began()));
                });
            }
        });
    }

    /** Records the end of work. */
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

    /** Records a change of the number of carriers. */
    void carriers(CarrierReport report) {
        change(() -> carriers = Optional.of(report).filter(it -> it.event() != CarrierReport.Event.OVER));
    }

    /** Records what the server knows of its cluster. */
    void cluster(Optional<ClusterStatus> status) {
        change(() -> cluster = status);
    }

    /** Records that a page was opened (1) or closed (-1). */
    void pages(int more) {
        change(() -> pages += more);
    }

    /**
     * Waits until there is a newer snapshot. While work is in flight, there is one for each slot of the chart. Otherwise, the same
     * state is returned again after some time, so that neither the page nor a proxy takes the feed for dead.
     *
     * @param snapshot the last snapshot that the page got
     * @return the newer snapshot
     */
    Snapshot next(Snapshot snapshot) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long idleLeft = idle.toNanos();
            while (version == snapshot.version() && (inFlight.isEmpty() ? idleLeft > 0 : now() < snapshot.slotEnd())) {
                if (inFlight.isEmpty()) {
                    idleLeft = changed.awaitNanos(idleLeft);
                } else {
                    changed.awaitNanos(snapshot.slotEnd() - now());
                }
            }
            long now = now();
            advance(now);
            inFlight.values().forEach(it -> book(it, now));
            return Snapshot.at(server, now, version, pages, carriers, cluster, inFlight.values(), ended, counts);
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

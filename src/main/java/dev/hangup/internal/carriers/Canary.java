package dev.hangup.internal.carriers;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Determines whether carriers are frozen. Owned by the guard's thread.
 * <p>
 * While virtual threads wait for a carrier, a canary is started: a virtual thread that only records that it ran. A canary may wait
 * although nothing is frozen: on a busy server a carrier first runs the threads in its own queue. More carriers than processors
 * would only make such a server slower. Carriers are therefore considered frozen only if the canary has not run and a request
 * holds its carrier, that is, its thread is mounted at several consecutive looks. If requests begin and end meanwhile, more looks
 * are needed, since carriers run other threads then.
 * <p>
 * Work other than requests may hold carriers as well, but the guard does not know its threads. So carriers are also considered
 * frozen if the canary has not run and for a number of looks no request has begun or ended and no connection has begun.
 * Connections count because negotiating TLS takes time.
 * <p>
 * Looks are counted instead of time, because whatever stops the whole JVM, such as a garbage collection pause or a machine shared
 * with others, delays the looks as well.
 */
final class Canary {
    /** The number of looks at which the thread of a request must be mounted to count as holding its carrier: 15 milliseconds. */
    static final int LOOKS_TO_HOLD = 4;
    /** That number while other requests begin and end: 95 milliseconds. */
    static final int LOOKS_TO_HOLD_UNDER_LOAD = 20;
    /** The interval, in looks, at which requests are examined while others begin and end. */
    static final int LOOKS_TO_EXAMINE = 20;
    /** The number of looks without progress after which carriers are frozen, whatever holds them. */
    static final int LOOKS_TO_FREEZE = 20;

    private final Scheduler scheduler;
    private final LongSupplier progress;
    private final Supplier<List<Thread>> mountedRequests;

    /** Whether the canary has run; {@code null} if no canary is pending. */
    private AtomicBoolean ran;
    /** The number of looks since the canary was started. */
    private int looksMissed;
    /** The time of the previous look. */
    private long lookedAt;
    private long missedSince;
    /** The threads of requests that were mounted at each look since requests were last examined. */
    private List<Thread> holders = List.of();
    /** The number of looks since requests were last examined, and the time of the first of these looks. */
    private int looksHeld;
    private long examinedAt;
    /**
     * The number of looks since a request or a connection last began or ended, or the canary was started, and the time of that
     * event.
     */
    private int looksWithoutProgress;
    private long progressAt;
    private long progressBefore;

    /**
     * @param progress a number that changes whenever a request begins or ends, or a connection begins
     * @param mountedRequests returns the threads of requests that are mounted on carriers
     */
    Canary(Scheduler scheduler, LongSupplier progress, Supplier<List<Thread>> mountedRequests) {
        this.scheduler = scheduler;
        this.progress = progress;
        this.mountedRequests = mountedRequests;
    }

    /** The result of a look. */
    enum Finding {
        /** The canary has run. */
        RAN,
        /** Carriers are frozen. */
        MISSED,
        /** No canary is pending, or it may still run. */
        NOTHING
    }

    /**
     * Looks for the canary, and starts one if one is needed.
     *
     * @param frozen whether an earlier look has missed this canary: carriers are frozen until it runs
     */
    Finding look(long now, boolean frozen) {
        noteProgress(now);
        Finding finding = find(now, frozen);
        lookedAt = now;
        return finding;
    }

    /**
     * The beginning of the frozen time that the latest look has found; not earlier than the previous look that found frozen time.
     */
    long missedSince() {
        return missedSince;
    }

    boolean isPending() {
        return ran != null;
    }

    /** Returns a task that another virtual thread may run in place of the pending canary. */
    Runnable substitute() {
        AtomicBoolean pending = ran;
        return () -> pending.set(true);
    }

    private void noteProgress(long now) {
        long progressNow = progress.getAsLong();
        if (progressNow == progressBefore) {
            looksWithoutProgress++;
        } else {
            madeProgress(now);
        }
        progressBefore = progressNow;
    }

    private void madeProgress(long now) {
        looksWithoutProgress = 0;
        progressAt = now;
    }

    private Finding find(long now, boolean frozen) {
        if (ran == null) {
            if (scheduler.queued() > 0) {
                start(now);
            }
            return Finding.NOTHING;
        }
        if (ran.get()) {
            ran = null;
            holders = List.of();
            missedSince = lookedAt;
            return Finding.RAN;
        }
        looksMissed++;
        if (frozen) {
            missedSince = lookedAt;
            return Finding.MISSED;
        }
        return isMissed(now) ? Finding.MISSED : Finding.NOTHING;
    }

    private void start(long now) {
        AtomicBoolean started = new AtomicBoolean();
        try {
            scheduler.start(() -> started.set(true));
        } catch (OutOfMemoryError e) {
            // this canary need not run; the next look starts another one
            return;
        }
        ran = started;
        looksMissed = 0;
        madeProgress(now);
    }

    private boolean isMissed(long now) {
        examine(now);
        boolean held = isHeld();
        missedSince = held ? examinedAt : progressAt;
        return held || looksWithoutProgress >= LOOKS_TO_FREEZE;
    }

    /** Finds the requests that hold carriers: again as soon as no more requests begin or end, and otherwise from time to time. */
    private void examine(long now) {
        boolean ceased = looksWithoutProgress == 1 && looksMissed < LOOKS_TO_EXAMINE;
        if (ceased || looksMissed % LOOKS_TO_EXAMINE == 0) {
            holders = mountedRequests.get();
            looksHeld = 1;
            examinedAt = now;
        } else {
            holders = holders.stream().filter(scheduler::isMounted).toList();
            looksHeld++;
        }
    }

    private boolean isHeld() {
        int looks = looksWithoutProgress < LOOKS_TO_HOLD - 1 ? LOOKS_TO_HOLD_UNDER_LOAD : LOOKS_TO_HOLD;
        return looksHeld >= looks && !holders.isEmpty();
    }
}

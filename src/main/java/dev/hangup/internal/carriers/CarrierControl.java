package dev.hangup.internal.carriers;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.hangup.outcome.CarrierReport;

/**
 * Decides how many carriers the scheduler has. Owned by the guard's thread, which calls {@link #look()} every few milliseconds
 * while there is work to observe.
 *
 * <h2>When carriers are frozen</h2>
 * While virtual threads wait for a carrier, the guard starts a canary: a virtual thread that only records that it ran. A canary
 * may wait although nothing is frozen: on a busy server a carrier first runs the threads in its own queue. More carriers than
 * processors would only make such a server slower. Carriers are therefore considered frozen only if the canary has not run and a
 * request holds its carrier, that is, its thread is mounted at {@value #LOOKS_TO_HOLD} consecutive looks between which no request
 * begins or ends, or at {@value #LOOKS_TO_HOLD_BESIDE} looks if others do. Requests are examined as soon as none begins or ends
 * between two looks, and otherwise at every {@value #LOOKS_TO_EXAMINE}th look.
 * <p>
 * Work other than requests may hold carriers as well, but the guard does not know its threads. So carriers are also considered
 * frozen if the canary has not run and for {@value #LOOKS_TO_FREEZE} looks no request has begun or ended and no connection has
 * begun. Connections count because negotiating TLS takes time.
 * <p>
 * Looks are counted instead of time, because whatever stops the whole JVM, such as a garbage collection pause or a machine shared
 * with others, delays the looks as well.
 *
 * <h2>How many are added</h2>
 * The number doubles until a canary runs. The scheduler creates carriers on demand, so a number that is too high costs little.
 * <p>
 * If no native thread can be started, there are no more carriers than before. Another carrier is requested again and again, so
 * that it is there as soon as a thread can be started.
 *
 * <h2>The way back</h2>
 * A held carrier does not become idle. So the number of held carriers is the smallest number of busy carriers during a
 * {@linkplain #SAMPLE_NANOS sampling period}. After a longer period, the hold, the number of carriers is lowered to twice the
 * maximum of held carriers in that period, or to the usual number if that leaves a carrier free. A busy server may use all
 * carriers without any being held; so after several holds the number is lowered in any case.
 * <p>
 * If carriers freeze soon after the number was lowered, the previous number is restored at once, and the hold is doubled. So
 * under an intermittent load the number changes less and less often.
 *
 * <h2>Changes by other code</h2>
 * A number set by other code is the usual number from then on.
 */
final class CarrierControl {
    /** Interval of looks while a canary is pending. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** Interval of looks otherwise: each look costs some 50 microseconds. */
    static final long CALM_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** The number of looks at which the thread of a request must be mounted to count as holding its carrier: 15 milliseconds. */
    static final int LOOKS_TO_HOLD = 4;
    /** The same while other requests begin and end: 95 milliseconds. */
    static final int LOOKS_TO_HOLD_BESIDE = 20;
    /** The interval, in looks, at which requests are examined while others begin and end. */
    static final int LOOKS_TO_EXAMINE = 20;
    /** The number of looks without progress after which carriers are frozen, whatever holds them. */
    static final int LOOKS_TO_FREEZE = 20;
    /** The number of looks after which added carriers must have run the canary. */
    static final int LOOKS_TO_NEXT_STEP = 2;
    /** The number of looks after which another carrier is requested although the maximum is reached: a signal can get lost. */
    static final int LOOKS_TO_RETRY = 20;
    /** The sampling period: a virtual thread that runs for so long without a pause holds its carrier. */
    static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MIN_HOLD_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long MAX_HOLD_NANOS = TimeUnit.SECONDS.toNanos(64);
    /** The number of holds after which the number of carriers is lowered although all are busy. */
    static final int HOLDS_TO_TRIAL = 8;
    /** The number of holds after which a freeze is not attributed to the last change of the number. */
    static final int HOLDS_TO_FORGET = 10;

    private final Scheduler scheduler;
    private final LongSupplier clock;
    private final LongSupplier progress;
    private final Supplier<List<Thread>> mountedRequests;
    private final Consumer<CarrierReport> reports;
    private final IntSupplier max;

    /** The number of carriers without the guard. Read by meters. */
    private volatile int usual;
    /** The current number of carriers, set by the guard or by other code. Read by meters. */
    private volatile int carriers;
    private long lookedAt;
    /** Whether the canary has run; {@code null} if no canary is pending. */
    private AtomicBoolean canary;
    /** The number of looks since the canary was started. */
    private int looksMissed;
    /** The threads of requests that were mounted at each look since requests were last examined. */
    private List<Thread> holders = List.of();
    /** The number of looks since then. */
    private int looksHeld;
    private long examinedAt;
    /** The number of looks since a request or a connection last began or ended, or the canary was started. */
    private int looksWithoutProgress;
    private long progressAt;
    /** The number of looks since a carrier was last requested. */
    private int looksSinceAsked;
    private long progressBefore;
    /** Set when the canary is missed, until it runs. */
    private boolean frozen;
    private long frozenSince;
    /** Read by meters. */
    private volatile long frozenNanos;

    /** Set when carriers are added, until their number has been the usual one for a hold. */
    private boolean raised;
    private long raisedAt;
    private long frozenNanosBefore;
    private boolean exhausted;
    /** The time when the number was last changed, or carriers were last frozen. */
    private long changedAt;
    /** The number of carriers to restore if they freeze again soon. */
    private int peak;
    private long hold = MIN_HOLD_NANOS;
    private long holdBegan;
    /** The largest number of held carriers since then. */
    private int held;
    private long sampleBegan;
    private int leastMounted;

    /**
     * @param progress a number that changes whenever a request begins or ends, or a connection begins
     * @param mountedRequests returns the threads of requests that are mounted on carriers
     */
    CarrierControl(Scheduler scheduler, LongSupplier clock, LongSupplier progress, Supplier<List<Thread>> mountedRequests,
                   IntSupplier max, Consumer<CarrierReport> reports) {
        this.scheduler = scheduler;
        this.clock = clock;
        this.progress = progress;
        this.mountedRequests = mountedRequests;
        this.max = max;
        this.reports = reports;
        this.usual = scheduler.parallelism();
        this.carriers = usual;
        this.lookedAt = clock.getAsLong();
        this.changedAt = lookedAt;
    }

    int carriers() {
        return carriers;
    }

    int usual() {
        return usual;
    }

    /** The total time during which no virtual thread could start to run. */
    long frozenNanos() {
        return frozenNanos;
    }

    /**
     * Examines the scheduler, and changes the number of carriers if necessary.
     *
     * @return the delay until the next look, in nanoseconds
     */
    long look() {
        long now = clock.getAsLong();
        lookForCanary(now);
        if (raised && !frozen) {
            sample(now);
            lower(now);
        }
        lookedAt = now;
        return canary == null ? CALM_LOOK_NANOS : LOOK_NANOS;
    }

    /**
     * Returns how long no look is needed if no request is in flight.
     *
     * @return nanoseconds; 0 if looks must go on, and {@link Long#MAX_VALUE} if none is needed
     */
    long idleNanos() {
        if (canary != null || scheduler.mounted() >= carriers) {
            return 0;
        }
        return raised ? Math.max(0, holdBegan + hold - clock.getAsLong()) : Long.MAX_VALUE;
    }

    /** Restores the usual number of carriers. */
    void end() {
        acceptChange();
        if (carriers != usual) {
            set(usual);
        }
        if (raised) {
            over(clock.getAsLong());
        }
    }

    private void acceptChange() {
        int found = scheduler.parallelism();
        if (found != carriers) {
            usual = found;
            carriers = found;
            peak = found;
        }
    }

    private void lookForCanary(long now) {
        long progressNow = progress.getAsLong();
        if (progressNow == progressBefore) {
            looksWithoutProgress++;
        } else {
            madeProgress(now);
        }
        progressBefore = progressNow;
        if (canary == null) {
            if (scheduler.queued() > 0) {
                startCanary(now);
            }
        } else if (canary.get()) {
            canary = null;
            holders = List.of();
            if (frozen) {
                frozen = false;
                frozenNanos += now - lookedAt;
                changedAt = now;
                beginHold(now);
            }
        } else {
            looksMissed++;
            if (!frozen) {
                examine(now);
            }
            if (frozen) {
                frozen(now, lookedAt);
            } else if (isHeld()) {
                frozen(now, examinedAt);
            } else if (looksWithoutProgress >= LOOKS_TO_FREEZE) {
                frozen(now, progressAt);
            }
        }
    }

    private void startCanary(long now) {
        AtomicBoolean ran = new AtomicBoolean();
        try {
            scheduler.start(() -> ran.set(true));
        } catch (OutOfMemoryError e) {
            // this canary never runs; the next look starts another one
            return;
        }
        canary = ran;
        looksMissed = 0;
        madeProgress(now);
    }

    private void madeProgress(long now) {
        looksWithoutProgress = 0;
        progressAt = now;
    }

    private void examine(long now) {
        boolean stands = looksWithoutProgress == 1 && looksMissed < LOOKS_TO_EXAMINE;
        if (stands || looksMissed % LOOKS_TO_EXAMINE == 0) {
            holders = mountedRequests.get();
            looksHeld = 1;
            examinedAt = now;
        } else {
            holders = holders.stream().filter(scheduler::isMounted).toList();
            looksHeld++;
        }
    }

    private boolean isHeld() {
        int looks = looksWithoutProgress < LOOKS_TO_HOLD - 1 ? LOOKS_TO_HOLD_BESIDE : LOOKS_TO_HOLD;
        return looksHeld >= looks && !holders.isEmpty();
    }

    /** Called when carriers are frozen, with the time since which that was not known. */
    private void frozen(long now, long since) {
        acceptChange();
        frozenNanos += now - since;
        boolean first = !frozen;
        frozen = true;
        if (first) {
            frozenSince = since;
        }
        if (first && carriers < peak) {
            frozenAgain(now - changedAt < HOLDS_TO_FORGET * hold);
        }
        looksSinceAsked++;
        if (carriers < max.getAsInt()) {
            if (first || looksSinceAsked >= LOOKS_TO_NEXT_STEP) {
                add(now);
            }
            return;
        }
        if (!exhausted && looksSinceAsked >= LOOKS_TO_NEXT_STEP) {
            begin(now);
            exhausted = true;
            report(CarrierReport.Event.EXHAUSTED, now);
        }
        if (first || looksSinceAsked >= LOOKS_TO_RETRY) {
            ask();
        }
    }

    private void frozenAgain(boolean soon) {
        if (soon) {
            hold = Math.min(2 * hold, MAX_HOLD_NANOS);
        } else {
            hold = MIN_HOLD_NANOS;
            peak = carriers;
        }
    }

    private void add(long now) {
        set((int) Math.min(max.getAsInt(), Math.max(2L * carriers, peak)));
        peak = Math.max(peak, carriers);
        ask();
        report(begin(now) ? CarrierReport.Event.ADDED : CarrierReport.Event.CHANGED, now);
    }

    /** Requests a carrier from the scheduler, if the maximum allows one more. */
    private void ask() {
        AtomicBoolean ran = canary;
        looksSinceAsked = 0;
        try {
            scheduler.startOnNewCarrier(() -> ran.set(true));
        } catch (OutOfMemoryError e) {
            // asked again at a later look, as long as carriers are frozen
        }
    }

    /** Begins an episode, unless one is in progress; returns whether it has begun. */
    private boolean begin(long now) {
        if (raised) {
            return false;
        }
        raised = true;
        raisedAt = now;
        frozenNanosBefore = frozenNanos - (now - frozenSince);
        return true;
    }

    private void sample(long now) {
        leastMounted = Math.min(leastMounted, scheduler.mounted());
        if (now - sampleBegan >= SAMPLE_NANOS) {
            held = Math.max(held, leastMounted);
            sampleBegan = now;
            leastMounted = Integer.MAX_VALUE;
        }
    }

    private void lower(long now) {
        if (now - holdBegan < hold) {
            return;
        }
        acceptChange();
        int needed = held < usual ? usual : 2 * held;
        beginHold(now);
        if (carriers == usual) {
            over(now);
        } else if (needed < carriers) {
            lowerTo(needed, now);
        } else if (now - changedAt >= HOLDS_TO_TRIAL * hold) {
            lowerTo(usual, now);
        }
    }

    private void lowerTo(int number, long now) {
        set(number);
        changedAt = now;
        report(CarrierReport.Event.CHANGED, now);
    }

    private void beginHold(long now) {
        holdBegan = now;
        held = 0;
        sampleBegan = now;
        leastMounted = Integer.MAX_VALUE;
    }

    private void over(long now) {
        raised = false;
        exhausted = false;
        report(CarrierReport.Event.OVER, now);
    }

    private void set(int number) {
        try {
            scheduler.parallelism(number);
            carriers = number;
        } catch (OutOfMemoryError e) {
            // set nonetheless, unless memory of another kind is exhausted; ask() repeats what failed
            carriers = scheduler.parallelism();
        }
    }

    private void report(CarrierReport.Event event, long now) {
        reports.accept(new CarrierReport(event, carriers, usual, max.getAsInt(), Duration.ofNanos(now - raisedAt),
                                         Duration.ofNanos(frozenNanos - frozenNanosBefore), List.of()));
    }
}

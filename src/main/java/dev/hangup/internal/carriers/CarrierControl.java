package dev.hangup.internal.carriers;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

import dev.hangup.outcome.CarrierReport;

/**
 * Decides how many carriers the scheduler has. Owned by the guard's thread, which calls {@link #look()} every few milliseconds.
 *
 * <h2>When carriers are frozen</h2>
 * While virtual threads wait for a carrier, a canary is started: another virtual thread, which does nothing but say that it ran. If
 * {@value #LOOKS_TO_FREEZE} looks have missed it, carriers are frozen. Looks are counted rather than time: what keeps the whole JVM
 * from running, such as a pause for the garbage collector or a machine that others use too, delays the looks as well.
 *
 * <h2>How many are added</h2>
 * The number doubles until a canary runs. The scheduler makes carriers as they are needed, so a number that is too high costs
 * little.
 *
 * <h2>The way back</h2>
 * A carrier that is held does not become idle. So what is held is the smallest number of busy carriers over a
 * {@linkplain #SAMPLE_NANOS short time}; and the number returns to twice what was held at most in a longer time, the hold, or to
 * the usual number if that leaves one free. Where a busy server has all carriers running without any being held, the number is
 * lowered after several holds in any case.
 * <p>
 * Carriers that freeze soon after the number was lowered get back what they had at once, and the next attempt comes after twice
 * the time. So a load that comes and goes makes the number change ever less often.
 *
 * <h2>What others set</h2>
 * A number that is not the guard's own is the usual one from then on.
 */
final class CarrierControl {
    /** Between two looks while a canary is out. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** Between two looks otherwise: each costs some 50 microseconds. */
    static final long CALM_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** How many looks in a row must miss the canary: 20 milliseconds, if nothing delays them. */
    static final int LOOKS_TO_FREEZE = 4;
    /** How many looks carriers have to run the canary that were added. */
    static final int LOOKS_TO_NEXT_STEP = 2;
    /** After how many looks another carrier is asked for, where there are as many as there may be: a signal can get lost. */
    static final int LOOKS_TO_RETRY = 20;
    /** What runs for so long without a pause holds its carrier. */
    static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MIN_HOLD_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long MAX_HOLD_NANOS = TimeUnit.SECONDS.toNanos(64);
    /** After so many holds the number is lowered although all carriers are busy. */
    static final int HOLDS_TO_TRIAL = 8;
    /** Carriers that freeze after so many holds do not do so because their number was lowered. */
    static final int HOLDS_TO_FORGET = 10;

    private final Scheduler scheduler;
    private final LongSupplier clock;
    private final Consumer<CarrierReport> reports;
    private final IntSupplier max;

    /** What the scheduler has without the guard. Read by meters. */
    private volatile int usual;
    /** What it has, by the guard or by others. Read by meters. */
    private volatile int carriers;
    private long lookedAt;
    /** Whether the canary has run; {@code null} if there is none. */
    private AtomicBoolean canary;
    private long canaryAt;
    /** Looks that have missed the canary, and those since a carrier was asked for. */
    private int looksMissed;
    private int looksSinceAsked;
    /** Since a canary was missed, until it runs. */
    private boolean frozen;
    /** Read by meters. */
    private volatile long frozenNanos;

    /** Since carriers were added, until their number was the usual one for a while. */
    private boolean raised;
    private long raisedAt;
    private long frozenNanosBefore;
    private boolean exhausted;
    /** When the number was last changed, or carriers were last frozen. */
    private long changedAt;
    /** What carriers need that freeze again soon. */
    private int peak;
    private long hold = MIN_HOLD_NANOS;
    private long holdBegan;
    /** The most carriers that were held since then. */
    private int held;
    private long sampleBegan;
    private int leastMounted;

    CarrierControl(Scheduler scheduler, LongSupplier clock, IntSupplier max, Consumer<CarrierReport> reports) {
        this.scheduler = scheduler;
        this.clock = clock;
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

    /** For how long no virtual thread came to run, all in all. */
    long frozenNanos() {
        return frozenNanos;
    }

    /**
     * Sees how the scheduler does, and changes the number of carriers where that is called for.
     *
     * @return when to look again, in nanoseconds
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
     * How long nobody needs to look again if no request is in flight.
     *
     * @return nanoseconds; 0 if looks must go on, and {@link Long#MAX_VALUE} if none is needed
     */
    long idleNanos() {
        if (canary != null || scheduler.mounted() >= carriers) {
            return 0;
        }
        return raised ? Math.max(0, holdBegan + hold - clock.getAsLong()) : Long.MAX_VALUE;
    }

    /** Leaves the scheduler as it was. */
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
        if (canary == null) {
            if (scheduler.queued() > 0) {
                AtomicBoolean ran = new AtomicBoolean();
                canary = ran;
                canaryAt = now;
                looksMissed = 0;
                scheduler.start(() -> ran.set(true));
            }
        } else if (canary.get()) {
            canary = null;
            if (frozen) {
                frozen = false;
                frozenNanos += now - lookedAt;
                changedAt = now;
                beginHold(now);
            }
        } else if (++looksMissed >= LOOKS_TO_FREEZE) {
            frozen(now);
        }
    }

    private void frozen(long now) {
        acceptChange();
        frozenNanos += now - (frozen ? lookedAt : canaryAt);
        boolean first = !frozen;
        frozen = true;
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

    /** Has the scheduler add a carrier, if there may be one more. */
    private void ask() {
        AtomicBoolean ran = canary;
        looksSinceAsked = 0;
        scheduler.startOnNewCarrier(() -> ran.set(true));
    }

    /** Whether an episode begins. */
    private boolean begin(long now) {
        if (raised) {
            return false;
        }
        raised = true;
        raisedAt = now;
        frozenNanosBefore = frozenNanos - (now - canaryAt);
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
        scheduler.parallelism(number);
        carriers = number;
    }

    private void report(CarrierReport.Event event, long now) {
        reports.accept(new CarrierReport(event, carriers, usual, max.getAsInt(), Duration.ofNanos(now - raisedAt),
                                         Duration.ofNanos(frozenNanos - frozenNanosBefore), List.of()));
    }
}

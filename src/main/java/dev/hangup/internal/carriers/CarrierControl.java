package dev.hangup.internal.carriers;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.hangup.outcome.CarrierReport;

/**
 * Decides how many carriers the scheduler has. Owned by the guard's thread, which calls {@link #look()} every few milliseconds
 * while there is work to observe. The {@link Canary} says whether carriers are frozen, and {@link HeldCarriers} how many are held.
 *
 * <h2>How many are added</h2>
 * The number doubles until a canary runs. The scheduler creates carriers on demand, so a number that is too high costs little.
 * <p>
 * If no native thread can be started, there are no more carriers than before. Another carrier is requested again and again, so
 * that it is there as soon as a thread can be started.
 *
 * <h2>The way back</h2>
 * After a {@linkplain HeldCarriers hold}, the number of carriers is lowered to twice the number that was held, or to the usual
 * number if that leaves a carrier free. A busy server may use all carriers without any being held; so after several holds the
 * number is lowered in any case.
 * <p>
 * If carriers freeze soon after the number was lowered, the previous number is restored at once.
 * <p>
 * All of this is reported as one episode. It begins when carriers are added, or would be if the maximum allowed it, and ends when
 * their number has been the usual one for a hold.
 *
 * <h2>Changes by other code</h2>
 * A number set by other code is the usual number from then on.
 */
final class CarrierControl {
    /** Interval of looks while a canary is pending. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** Interval of looks otherwise: each look costs some 50 microseconds. */
    static final long CALM_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** The number of looks after which added carriers must have run the canary. */
    static final int LOOKS_TO_NEXT_STEP = 2;
    /** The number of looks after which another carrier is requested although the maximum is reached: a signal can get lost. */
    static final int LOOKS_TO_RETRY = 20;
    /** The number of holds after which the number of carriers is lowered although all are busy. */
    static final int HOLDS_TO_TRIAL = 8;
    /** The number of holds after which a freeze is not attributed to the last change of the number. */
    static final int HOLDS_TO_FORGET = 10;

    private final Scheduler scheduler;
    private final LongSupplier clock;
    private final Consumer<CarrierReport> reports;
    private final IntSupplier max;
    private final Canary canary;
    private final HeldCarriers hold = new HeldCarriers();

    /** The number of carriers without the guard. Read by meters. */
    private volatile int usual;
    /** The current number of carriers, set by the guard or by other code. Read by meters. */
    private volatile int carriers;
    /** The number of looks since a carrier was last requested. */
    private int looksSinceAsked;
    /** Set when the canary is missed, until it runs. */
    private boolean frozen;
    private long frozenSince;
    /** Read by meters. */
    private volatile long frozenNanos;

    private boolean inEpisode;
    private long episodeBegan;
    /** The frozen time before the episode. */
    private long frozenNanosBefore;
    /** Whether the maximum has not sufficed in this episode. */
    private boolean exhausted;
    /** The time when the number was last changed, or carriers were last frozen. */
    private long changedAt;
    /** The number of carriers to restore if they freeze again soon. */
    private int peak;

    /**
     * @param progress a number that changes whenever a request begins or ends, or a connection begins
     * @param mountedRequests returns the threads of requests that are mounted on carriers
     */
    CarrierControl(Scheduler scheduler, LongSupplier clock, LongSupplier progress, Supplier<List<Thread>> mountedRequests,
                   IntSupplier max, Consumer<CarrierReport> reports) {
        this.scheduler = scheduler;
        this.clock = clock;
        this.max = max;
        this.reports = reports;
        this.canary = new Canary(scheduler, progress, mountedRequests);
        this.usual = scheduler.parallelism();
        this.carriers = usual;
        this.changedAt = clock.getAsLong();
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

    /** Examines the scheduler, and changes the number of carriers if necessary. Returns the nanoseconds until the next look. */
    long look() {
        long now = clock.getAsLong();
        switch (canary.look(now, frozen)) {
        case RAN -> ran(now);
        case MISSED -> missed(now);
        case NOTHING -> { }
        }
        if (inEpisode && !frozen) {
            hold.sample(now, scheduler.mounted());
            lower(now);
        }
        return canary.isPending() ? LOOK_NANOS : CALM_LOOK_NANOS;
    }

    /**
     * The nanoseconds for which no look is needed if no request is in flight; 0 if looks must go on, and {@link Long#MAX_VALUE} if
     * none is needed.
     */
    long idleNanos() {
        if (canary.isPending() || scheduler.mounted() >= carriers) {
            return 0;
        }
        return inEpisode ? Math.max(0, hold.nanosLeft(clock.getAsLong())) : Long.MAX_VALUE;
    }

    /** Restores the usual number of carriers. */
    void end() {
        acceptChange();
        if (carriers != usual) {
            set(usual);
        }
        if (inEpisode) {
            endEpisode(clock.getAsLong());
        }
    }

    private void missed(long now) {
        acceptChange();
        frozenNanos += now - canary.missedSince();
        boolean first = !frozen;
        if (first) {
            frozen = true;
            frozenSince = canary.missedSince();
            judgePeak(now);
        }
        looksSinceAsked++;
        if (carriers < max.getAsInt()) {
            if (first || looksSinceAsked >= LOOKS_TO_NEXT_STEP) {
                add(now);
            }
            return;
        }
        if (!exhausted && looksSinceAsked >= LOOKS_TO_NEXT_STEP) {
            beginEpisode(now);
            exhausted = true;
            report(CarrierReport.Event.EXHAUSTED, now);
        }
        if (first || looksSinceAsked >= LOOKS_TO_RETRY) {
            ask();
        }
    }

    /** Called when carriers freeze: if their number was lowered, decides whether it was lowered too soon. */
    private void judgePeak(long now) {
        if (carriers >= peak) {
            return;
        }
        if (now - changedAt < hold.nanosOf(HOLDS_TO_FORGET)) {
            hold.lengthen();
        } else {
            hold.reset();
            peak = carriers;
        }
    }

    private void add(long now) {
        set((int) Math.min(max.getAsInt(), Math.max(2L * carriers, peak)));
        peak = Math.max(peak, carriers);
        ask();
        report(beginEpisode(now) ? CarrierReport.Event.ADDED : CarrierReport.Event.CHANGED, now);
    }

    /** Requests a carrier from the scheduler, if the maximum allows one more. */
    private void ask() {
        looksSinceAsked = 0;
        try {
            scheduler.startOnNewCarrier(canary.substitute());
        } catch (OutOfMemoryError e) {
            // asked again at a later look, as long as carriers are frozen
        }
    }

    private void ran(long now) {
        if (frozen) {
            frozen = false;
            frozenNanos += now - canary.missedSince();
            changedAt = now;
            hold.begin(now);
        }
    }

    /** Lowers the number of carriers, or ends the episode, if a hold is over. */
    private void lower(long now) {
        if (hold.nanosLeft(now) > 0) {
            return;
        }
        acceptChange();
        int needed = hold.held() < usual ? usual : 2 * hold.held();
        hold.begin(now);
        if (carriers == usual) {
            endEpisode(now);
        } else if (needed < carriers) {
            lowerTo(needed, now);
        } else if (now - changedAt >= hold.nanosOf(HOLDS_TO_TRIAL)) {
            lowerTo(usual, now);
        }
    }

    private void lowerTo(int number, long now) {
        set(number);
        changedAt = now;
        report(CarrierReport.Event.CHANGED, now);
    }

    /** Begins an episode; returns {@code false} if one is in progress. */
    private boolean beginEpisode(long now) {
        if (inEpisode) {
            return false;
        }
        inEpisode = true;
        episodeBegan = now;
        frozenNanosBefore = frozenNanos - (now - frozenSince);
        return true;
    }

    private void endEpisode(long now) {
        inEpisode = false;
        exhausted = false;
        report(CarrierReport.Event.OVER, now);
    }

    /** Adopts a number that other code has set as the usual one. */
    private void acceptChange() {
        int found = scheduler.parallelism();
        if (found != carriers) {
            usual = found;
            carriers = found;
            peak = found;
        }
    }

    private void set(int number) {
        try {
            scheduler.parallelism(number);
            carriers = number;
        } catch (OutOfMemoryError e) {
            // the number is set nonetheless, unless other memory is exhausted; ask() retries the start of the thread
            carriers = scheduler.parallelism();
        }
    }

    private void report(CarrierReport.Event event, long now) {
        reports.accept(new CarrierReport(event, carriers, usual, max.getAsInt(), Duration.ofNanos(now - episodeBegan),
                                         Duration.ofNanos(frozenNanos - frozenNanosBefore), List.of()));
    }
}

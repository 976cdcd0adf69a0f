package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Deadline;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.outcome.InFlightRequests;
import dev.hangup.internal.response.ResponseOwnership;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;

/**
 * The signal that cancels the work of a race: the client's departure or stall, the deadline, the server's shutdown, or an
 * operator.
 * <p>
 * Where departures are noticed, the server's default deadline applies until the response begins; then the {@link StallLimit} takes
 * its place. A deadline of the route, the client or the work itself always applies. One timer serves all of this: it fires at the
 * deadline, and before that at each interval of the stall limit. Without a deadline it fires at least once per default deadline, to
 * notice the end of the response. No write starts a timer.
 */
final class CancellationSignal implements InFlightRequests.Work {
    private static final AtomicReferenceFieldUpdater<CancellationSignal, Outcome> REASON =
            AtomicReferenceFieldUpdater.newUpdater(CancellationSignal.class, Outcome.class, "reason");

    private final ResponseOwnership ownership;
    private final WorkTracker tracker;
    private final Exchange exchange;
    private final ServerPolicy policy;
    private final Duration allowed;

    /** Settles the race between the causes. The first one is the reason for good, for all threads. */
    private volatile Outcome reason;
    /**
     * Whether the deadline that has passed is that of the client, and earlier than that of the server. Written before the reason,
     * by threads that notice the deadline.
     */
    private boolean deadlineOfClient;
    /** The watcher. Written by its thread. */
    private volatile Thread waiter;
    /** The deadline that the client asks for; {@code null} if it asks for none. */
    private final Deadline asked;
    /** The deadline of the server until the response begins. */
    private final Deadline untilResponse;
    /** The deadline of the route, also once the response has begun; {@code null} if there is none. */
    private final Deadline lasting;
    /** The earliest deadline of the work itself; {@code null} if there is none. Written by the thread of the work. */
    private volatile Deadline shortened;
    /** The deadline of work that goes on after its response; {@code null} if there is none. Written by the timer's thread. */
    private volatile Deadline afterResponse;
    /** Created at the first look. Owned by the timer's thread. */
    private StallLimit.Watch watch;
    /** When the watch was last asked. Owned by the timer's thread. */
    private long stallLookedForAt;
    /** Written by the thread that arms the signal, then by the timer's. */
    private volatile Future<?> timeout;
    /** No timeout is needed any more. Written by the responding thread. */
    private volatile boolean disarmed;
    /** Owned by the thread of the work, and by the responding thread once the scope is closed. */
    private Future<?> shorterTimeout;

    /**
     * @param asked     the time that the client asks for, if any
     * @param ownership knows whether the response has begun, and whether the work waits for its client
     * @param tracker   notified once, on any thread, when the work is cancelled
     */
    CancellationSignal(Exchange exchange, ServerPolicy policy, RoutePolicy route, Optional<Duration> asked,
                       ResponseOwnership ownership, WorkTracker tracker) {
        this.exchange = exchange;
        this.policy = policy;
        Duration unasked = policy.time(route, Optional.empty());
        this.allowed = asked.isPresent() ? policy.time(route, asked) : unasked;
        this.untilResponse = fromHeaders(unasked);
        // of equal times, that of the server counts
        this.asked = asked.map(policy::bounded).map(it -> it.equals(unasked) ? untilResponse : fromHeaders(it)).orElse(null);
        // only the server's default ends when the response begins, and only where departures are noticed
        this.lasting = route.deadline.isPresent() || !exchange.noticesDepartures() ? untilResponse : null;
        this.ownership = ownership;
        this.tracker = tracker;
    }

    /** The client has left. */
    void departed() {
        cancel(Outcome.DISCONNECTED);
    }

    /** The server stops. */
    void stopping() {
        cancel(Outcome.SHUTDOWN);
    }

    @Override
    public boolean cancel() {
        return !disarmed && cancel(Outcome.CANCELLED);
    }

    private boolean cancel(Outcome outcome) {
        if (!REASON.compareAndSet(this, null, outcome)) {
            return false;
        }
        LockSupport.unpark(waiter);
        // ignored for work that has not begun, which checks the signal itself, and for work that has ended
        tracker.cancelled(outcome);
        return true;
    }

    /** Waits for the signal. */
    Outcome await() throws InterruptedException {
        waiter = Thread.currentThread();
        while (reason == null) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return reason;
    }

    /**
     * Called when the work has thrown: cancels it if it has stalled or its deadline has passed, unless something has cancelled it
     * before. Returns the reason of the cancellation; {@code null} if the work is not cancelled.
     *
     * @param stalled whether the work has failed because its client has stalled
     */
    Outcome settle(boolean stalled) {
        if (!expire() && stalled) {
            cancel(Outcome.STALLED);
        }
        return reason;
    }

    boolean isCancelled() {
        return reason != null;
    }

    /** The reason of the cancellation; {@code null} if the work is not cancelled. */
    Outcome reason() {
        return reason;
    }

    /** Whether the reason is a deadline that passed only because the client has asked for it. Called once there is a reason. */
    boolean isDeadlineOfClient() {
        return deadlineOfClient;
    }

    @Override
    public Optional<Outcome> cancelled() {
        return Optional.ofNullable(reason);
    }

    /** The deadline that applies now; {@code null} if none does. */
    Deadline deadline() {
        return deadline(responded());
    }

    private Deadline deadline(boolean responded) {
        return earlier(serverDeadline(responded), asked);
    }

    /** As {@link WorkContext#serverDeadline}. */
    Deadline serverDeadline() {
        return serverDeadline(responded());
    }

    private Deadline serverDeadline(boolean responded) {
        return earlier(responded ? earlier(lasting, afterResponse) : untilResponse, shortened);
    }

    private boolean responded() {
        // work may have acquired the response and still wait in a listener of its own, before the first byte
        return ownership.begun() && exchange.begun();
    }

    /** Whether a deadline applies and has passed. */
    boolean pastDeadline() {
        Deadline now = deadline();
        return now != null && now.passed();
    }

    /**
     * How long the rest of the request's body may take once the work has ended: until the deadline that applies, otherwise the
     * server's default deadline from now.
     *
     * @param responded whether the response has begun
     */
    Duration timeForRest(boolean responded) {
        Deadline applies = deadline(responded);
        return applies == null ? policy.deadline() : applies.remaining();
    }

    @Override
    public Duration allowed() {
        return allowed;
    }

    @Override
    public Optional<Duration> remaining() {
        return Optional.ofNullable(deadline()).map(Deadline::remaining);
    }

    /**
     * Starts the timer for the deadline. Before that, a deadline that passes goes unnoticed. Called on a platform thread, so that
     * the deadline also applies to work that keeps all carrier threads; if that throws, once more on the responding thread. May be
     * called at any time, even after the scope was closed.
     */
    void arm() {
        // a request whose wait for its permit has used up its time is cancelled at once, without waiting for the timer
        if (!expire()) {
            lookLater();
        }
    }

    /** Called by the thread of the work: sets a deadline, unless there is an earlier one. */
    void shorten(Duration allowed) {
        Deadline shorter = fromHeaders(allowed);
        Deadline before = earlier(earlier(lasting, shortened), asked);
        shortened = earlier(shortened, shorter);
        if (before != null && before.compareTo(shorter) <= 0) {
            return;
        }
        disarm(shorterTimeout);
        if (!expire()) {
            shorterTimeout = Timer.after(shorter.remaining(), this::expire);
        }
    }

    /** Called when the scope is closed. */
    void disarm() {
        disarmed = true;
        disarm(timeout);
        disarm(shorterTimeout);
    }

    /** Cancels the work if its deadline has passed; returns whether it has. */
    private boolean expire() {
        boolean responded = responded();
        Deadline applies = deadline(responded);
        boolean passed = applies != null && applies.passed();
        if (passed && reason == null) {
            // the one that applies is the earliest, and may not be the only one that has passed
            deadlineOfClient = applies != serverDeadline(responded);
            cancel(Outcome.DEADLINE_EXCEEDED);
        }
        return passed;
    }

    private void lookLater() {
        timeout = Timer.after(nextLook(), this::look);
        if (disarmed) {
            disarm(timeout);
        }
    }

    /** On the timer's thread. */
    private void look() {
        if (lasting == null && shortened == null && asked == null && afterResponse == null && exchange.isDelivered()
                && !(ownership.writing() && exchange.waitsForClient())) {
            // the client has everything: its departure would not cancel the work
            afterResponse = Deadline.in(policy.deadline());
        }
        if (disarmed || expire()) {
            return;
        }
        if (limitsStalls() && isTimeToLookForStall()) {
            if (watch == null) {
                watch = policy.stallLimit().new Watch(exchange.meter());
            }
            if (watch.stalled(ownership.waitsForClient() && exchange.waitsForClient())) {
                cancel(Outcome.STALLED);
                return;
            }
        }
        lookLater();
    }

    /** A deadline that is shorter than the interval must not make the looks for a stall more frequent. */
    private boolean isTimeToLookForStall() {
        long now = System.nanoTime();
        boolean isTime = watch == null || now - stallLookedForAt >= policy.stallLimit().interval().toNanos();
        if (isTime) {
            stallLookedForAt = now;
        }
        return isTime;
    }

    private Duration nextLook() {
        Deadline now = deadline();
        // without a deadline, the end of the response is still to be noticed
        Duration left = now == null ? policy.deadline() : now.remaining();
        if (!limitsStalls()) {
            return left;
        }
        Duration interval = policy.stallLimit().interval();
        return interval.compareTo(left) < 0 ? interval : left;
    }

    private boolean limitsStalls() {
        return exchange.noticesDepartures() && !policy.stallLimit().isNone();
    }

    /** Returns a deadline that counts from the end of the request's headers, which was some time ago. */
    private Deadline fromHeaders(Duration allowed) {
        return Deadline.after(exchange.headersReadAt(), allowed);
    }

    private static Deadline earlier(Deadline one, Deadline other) {
        return one == null || other != null && other.compareTo(one) < 0 ? other : one;
    }

    private static void disarm(Future<?> timeout) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}

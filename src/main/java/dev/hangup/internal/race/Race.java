package dev.hangup.internal.race;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.Deadline;
import dev.hangup.abandonment.AbandonmentLimiter;
import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.OutcomeReporter;
import dev.hangup.internal.outcome.RequestText;
import dev.hangup.internal.response.BodyGuard;
import dev.hangup.internal.response.ErrorResponses;
import dev.hangup.internal.response.ResponseOwnership;
import dev.hangup.internal.response.ResponseView;
import dev.hangup.outcome.Outcome;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/**
 * One request's race: the work against its client's patience.
 *
 * <h2>Who takes part</h2>
 * The thread that Helidon runs the request on opens a task scope and forks two virtual threads: the <em>work</em>, and,
 * if that lasts for longer than its {@link WatchDelay}, a <em>watcher</em> that waits for a {@link CancellationSignal}: the
 * client has left, the deadline has passed, or the server stops. Then it waits for the scope. It never computes and never blocks
 * on the client's bytes, and nobody interrupts it but Helidon, when its patience with a stopping server is at an end (or
 * when it stops and the connection cannot be watched); so it can answer, whatever state the work is in.
 *
 * <h2>Who wins</h2>
 * The first task that ends, as the scope tells it ({@link #decides}). If that is the work, the race is over: its
 * answer is given, or its exception goes where it would have gone without Hangup. If it is the watcher, the work has
 * lost. Before anything else happens, before the scope interrupts the work even, {@code decides} cuts it off: the view
 * of the response is detached, the connection takes no more bytes from it and gives it none.
 *
 * <h2>Who answers</h2>
 * Exactly one. The work takes the response with its first byte, the decision by detaching the view; one CAS in
 * its {@link ResponseOwnership} settles which came first. If the decision did, this thread answers while the work may still be
 * running: with 503, or, where the client has gone, with a status that only filters and access logs see. If the work
 * had begun to answer, there is no second answer: the connection is closed in the middle of the first. Only if nothing
 * but its last byte is missing has it a moment for that.
 *
 * <h2>What may still run</h2>
 * The work, until it notices the interrupt: the scope's end waits for it, and so does the request's concurrency
 * permit. Nobody interrupts it twice, so that it can clean up. Nothing of the request runs when {@link #run} has returned.
 * Work that does not notice is {@link dev.hangup.internal.outcome.UnresponsiveRegistry}.
 */
final class Race implements WorkContext, CancellationSignal.Target, RunningRequests.Source {
    private static final RaceResult STOPPING = new RaceResult.Cancelled(Outcome.SHUTDOWN);
    private static final RaceResult DEPARTED = new RaceResult.Cancelled(Outcome.DISCONNECTED);
    private static final RaceResult EXPIRED = new RaceResult.Cancelled(Outcome.DEADLINE_EXCEEDED);
    private static final System.Logger LOGGER = System.getLogger(Race.class.getName());

    /** How long the work's last byte may take when its time is over; a slow reader's may never be out. */
    private static final long LAST_BYTE_MILLIS = 100;

    private final ServerPolicy policy;
    private final RoutePolicy route;
    private final ServerRequest request;
    private final RoutingResponse response;
    private final ResponseOwnership ownership = new ResponseOwnership();
    private final ResponseView view;
    private final Work work;
    private final Exchange exchange;
    private final CancellationSignal signal;
    private final WatchDelay watchDelay;
    private final CallerContext caller = CallerContext.capture();
    private final Thread answering = Thread.currentThread();

    /** Settles the race between the work's end and the watcher's. */
    private final AtomicReference<RaceResult> winner = new AtomicReference<>();
    /** Whether the answer is this race's to give. Written by the decider, read by the thread that answers. */
    private volatile boolean answerDue;
    /** Whether it was given. Owned by the thread that answers. */
    private boolean answered;
    private long decidedAt;
    /** All that a decision says is said. Written last by the decider. */
    private volatile boolean decided;
    /** Which thread began the work, if any. Written by that thread. */
    private volatile Thread worker;
    /** Whether the work is watched. Written by the thread that answers. */
    private volatile boolean watched;
    /** Nothing of it runs any more. Written by the thread that answers. */
    private volatile boolean ended;
    /** When the work ended. Written by its thread, read when the scope is closed. */
    private long endedAt;
    /** What the work was on when it was cancelled. Written by the decider. */
    private Thread cancelledOn;
    private final WorkTracker tracker;
    private final OutcomeReporter reporter;
    private final AbandonmentLimiter.Admission admission;

    Race(ServerPolicy policy, RoutePolicy route, Exchange exchange, OutcomeReporter reporter,
         AbandonmentLimiter.Admission admission, Duration time, ServerRequest request, RoutingResponse response, Work work) {
        this.policy = policy;
        this.route = route;
        this.exchange = exchange;
        this.request = request;
        this.response = response;
        this.work = work;
        this.tracker = new WorkTracker(policy.unresponsive(), route, request);
        this.view = new ResponseView(request, response, ownership);
        this.signal = new CancellationSignal(exchange.headersReadAt(), time, this);
        this.watchDelay = new WatchDelay(signal, () -> RunningRequests.add(this));
        this.reporter = reporter;
        this.admission = admission;
    }

    @Override
    public Deadline deadline() {
        return signal.deadline();
    }

    /** Why the work was cancelled; {@code null} if it was not. */
    Outcome cancellationReason() {
        return signal.reason();
    }

    /** For the work: it has no more time than that. */
    void shorten(Duration allowed) {
        signal.shorten(policy.bounded(allowed));
    }

    @Override
    public boolean over() {
        return signal.isCancelled() || signal.deadline().passed();
    }

    @Override
    public void running(RunningRequests.Sink sink) {
        sink.add(reporter.id(), RequestText.name(request), exchange.headersReadAt(), tracker.thread());
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public boolean answerFinished() {
        return ownership.finishing();
    }

    @Override
    public void cancelled(Outcome outcome) {
        // work that has not begun sees by itself that it need not, and what has ended has
        tracker.cancelled(outcome);
    }

    @Override
    public String name() {
        return reporter.id() + " " + RequestText.name(request);
    }

    @Override
    public Thread moveTo(Thread thread) {
        return tracker.moveTo(thread);
    }

    /** For work that may outlast this. */
    WorkTracker trackerBeside() {
        return new WorkTracker(policy.unresponsive(), route, request);
    }

    /** As {@link RaceRunner#run} says. */
    void run() throws Exception {
        if (!exchange.endsConnection() || request.headers().contains(HeaderNames.EXPECT)) {
            request.streamFilter(body -> new BodyGuard(body, view, answering));
        }
        try {
            exchange.begin(signal);
            // only Helidon interrupts this thread, and only when the server stops
            Scope.race("hangup " + reporter.id(), this::decides, STOPPING, this::doWork, this::startWatching, this::watchForStop,
                       this::answer);
        } finally {
            signal.disarm();
            exchange.end();
            ended = true;
            RunningRequests.remove(this);
        }
        conclude();
    }

    /** Whether the work is to be watched; from now on it is. */
    private boolean startWatching() {
        if (!watchDelay.elapsedFirst()) {
            return false;
        }
        exchange.startWatching();
        reporter.started();
        watched = true;
        nameWorker();
        return true;
    }

    /** For thread dumps. Work that is over in a moment need not be named; if it begins late it is by its own thread. */
    private void nameWorker() {
        Thread working = worker;
        if (working != null) {
            working.setName("hangup-work " + name());
        }
    }

    /** The watcher. */
    private RaceResult watchForStop() {
        Thread.currentThread().setName("hangup-watch " + reporter.id());
        try {
            Outcome outcome = signal.await();
            if (!ownership.revokeUnlessFinished(policy.statusOf(outcome))) {
                // all but over: if the work ends meanwhile it has won, and the scope interrupts this
                TimeUnit.MILLISECONDS.sleep(LAST_BYTE_MILLIS);
            }
            return new RaceResult.Cancelled(outcome);
        } catch (InterruptedException e) {
            // the race was decided, and nobody asks the loser
            return STOPPING;
        }
    }

    private RaceResult doWork() {
        tracker.moveTo(Thread.currentThread());
        if (signal.isCancelled()) {
            tracker.ended();
            return new RaceResult.Cancelled(signal.reason());
        }
        worker = Thread.currentThread();
        if (watched) {
            nameWorker();
        }
        AtomicReference<RaceResult> end = new AtomicReference<>(RaceResult.Returned.RETURNED);
        try {
            caller.run(() -> Scope.within(this, () -> {
                try {
                    work.run(request, view);
                    view.complete();
                } catch (Throwable e) {
                    end.set(new RaceResult.Threw(e));
                }
            }));
        } catch (Throwable e) {
            end.set(new RaceResult.Threw(e));
        }
        endedAt = System.nanoTime();
        tracker.ended();
        if (end.get() instanceof RaceResult.Threw) {
            if (signal.clientGone()) {
                // what broke the last read or write is that nobody was left to read it
                return DEPARTED;
            }
            if (signal.deadline().passed()) {
                // it gave up before the alarm told it to
                return EXPIRED;
            }
        }
        return end.get();
    }

    /** The place where the winner is chosen; asked by the scope with every task that ends while the race is on. */
    private boolean decides(RaceResult ended) {
        // the watcher may have cut the work off, and the scope not have heard of it yet
        RaceResult result = ended instanceof RaceResult.Cancelled || ownership.completeUnlessRevoked() || !signal.isCancelled()
                ? ended
                : new RaceResult.Cancelled(signal.reason());
        if (!winner.compareAndSet(null, result)) {
            return true;
        }
        decidedAt = System.nanoTime();
        if (result == STOPPING) {
            signal.stopping();
        }
        try {
            if (result instanceof RaceResult.Cancelled(Outcome outcome)) {
                Thread on = tracker.thread();
                cancelledOn = on == null ? worker : on;
                answerDue = ownership.revoke(policy.statusOf(outcome));
                boolean clientWaits = answerDue && outcome != Outcome.DISCONNECTED;
                exchange.abort(outcome, clientWaits ? answering : null);
            }
        } finally {
            decided = true;
        }
        // work that has tried nobody's patience has no watcher that would have to be interrupted
        return !watchDelay.workEnded();
    }

    /** On the thread that answers, while the work may still be running. */
    private void answer() {
        // interrupted while another thread was deciding: there are a few lines to go
        while (!decided) {
            Thread.yield();
        }
        if (winner.get() instanceof RaceResult.Cancelled(Outcome outcome)) {
            reporter.decided(decidedAt, outcome, cancelledOn);
            if (outcome == Outcome.DISCONNECTED) {
                admission.abandoned();
            }
            try {
                if (answerDue) {
                    ErrorResponses.cancelled(request, response, outcome, policy.statusOf(outcome), policy.retryAfter(),
                                             exchange.endsConnection());
                    answered = true;
                }
            } catch (RuntimeException | Error e) {
                // the client has gone in the meantime, or a listener of a filter's failed: nothing more to be done
                LOGGER.log(System.Logger.Level.DEBUG, "Could not answer", e);
            } finally {
                exchange.answered();
            }
        }
    }

    /** After the scope: nothing of the request runs any more. */
    private void conclude() throws Exception {
        switch (winner.get()) {
        case RaceResult.Returned ignored -> {
            view.release();
            reporter.returned(decidedAt, response, exchange);
        }
        case RaceResult.Threw(Throwable thrown) -> {
            view.release();
            reporter.thrown(decidedAt, thrown, response, exchange);
            rethrow(thrown);
        }
        case RaceResult.Cancelled(Outcome outcome) -> {
            reporter.stopped(decidedAt, outcome, response, worker == null ? 0 : endedAt - decidedAt);
            // Helidon would take an interrupted thread for an error, and answer that
            if (!answered || exchange.endsConnection() && !exchange.watched() || Thread.currentThread().isInterrupted()) {
                throw new CloseConnectionException("Request ended as " + outcome.text());
            }
        }
        }
    }

    private static void rethrow(Throwable thrown) throws Exception {
        switch (thrown) {
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(thrown);
        }
    }
}

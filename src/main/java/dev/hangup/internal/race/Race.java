package dev.hangup.internal.race;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
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
 * <h2>What settles it</h2>
 * Three places, passed in this order; each settles one question, for good.
 * <table>
 * <caption>The decision</caption>
 * <tr><th>where</th><th>what it settles</th><th>who may ask</th><th>what is true afterwards</th></tr>
 * <tr><td>{@link CancellationSignal#reason}, a CAS from {@code null}</td>
 *     <td>why the work is to stop, if it is: the client, the deadline or the server</td>
 *     <td>any thread; none of them waits</td>
 *     <td>everybody sees that reason and no other; the watcher is awake, and the work has begun to count as cancelled. The
 *         work may still win</td></tr>
 * <tr><td>{@link ResponseOwnership}, a CAS of its phase</td>
 *     <td>whose the response is</td>
 *     <td>the work with its first byte and its end, the watcher when it is awake, whoever decides</td>
 *     <td>one of the two may write and the other cannot; nobody gets back what was revoked</td></tr>
 * <tr><td>{@code deciding}, a lock</td>
 *     <td>who has won</td>
 *     <td>the work's thread and the watcher's when they end, the thread that answers when Helidon interrupts it</td>
 *     <td>work that won owns its response, and work that lost does not; what it lost is taken from it. Who comes later
 *         finds the decision whole</td></tr>
 * </table>
 * The last is a lock since whoever comes second must not go on before the first has done what it decided.
 *
 * <h2>Who answers</h2>
 * Exactly one. The work takes the response with its first byte, the decision by detaching the view. If the decision
 * came first, this thread answers while the work may still be
 * running: with 503, or, where the client has gone, with a status that only filters and access logs see. If the work
 * had begun to answer, there is no second answer: the connection is closed in the middle of the first. Only if nothing
 * but its last byte is missing has it a moment for that.
 *
 * <h2>What may still run</h2>
 * The work, until it notices the interrupt: the scope's end waits for it, and so does the request's concurrency
 * permit. Nobody interrupts it twice, so that it can clean up. Nothing of the request runs when {@link #run} has returned.
 * Work that does not notice is {@link dev.hangup.internal.outcome.UnresponsiveRegistry}.
 */
final class Race implements WorkContext, RaceRunner.Entry, RunningRequests.Source {
    /** What decides when Helidon interrupts the thread that answers: only when the server stops. */
    static final RaceResult STOPPING = new RaceResult.Cancelled(Outcome.SHUTDOWN);
    private static final RaceResult DEPARTED = new RaceResult.Cancelled(Outcome.DISCONNECTED);
    private static final RaceResult EXPIRED = new RaceResult.Cancelled(Outcome.DEADLINE_EXCEEDED);
    private static final System.Logger LOGGER = System.getLogger(Race.class.getName());
    private static final AtomicReferenceFieldUpdater<Race, CancelActions> CANCEL_ACTIONS =
            AtomicReferenceFieldUpdater.newUpdater(Race.class, CancelActions.class, "cancelActions");

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

    /** Settles the race between the work's end, the watcher's, and Helidon's interrupt: one decides, the others wait. */
    private final Lock deciding = new ReentrantLock();
    // guarded by deciding until one has decided, the next four
    private RaceResult winner;
    private long decidedAt;
    /** What the work was on when it was cancelled. */
    private Thread cancelledOn;
    /** Whether the answer is this race's to give. */
    private boolean answerDue;
    /** Whether it was given. Owned by the thread that answers. */
    private boolean answered;
    /** Which thread began the work, if any. Written by that thread. */
    private volatile Thread worker;
    /** Whether the work is watched. Written by the thread that answers. */
    private volatile boolean watched;
    /** Nothing of it runs any more. Written by the thread that answers. */
    private volatile boolean ended;
    /** How the work ended, and when. Written by its thread, read when the scope is closed. */
    private RaceResult workEnd = RaceResult.Returned.RETURNED;
    private long endedAt;
    /** What the work has registered for its cancellation, if anything: set by whichever of its threads asks first. */
    private volatile CancelActions cancelActions;
    private final WorkTracker tracker;
    private final OutcomeReporter reporter;

    Race(ServerPolicy policy, RoutePolicy route, Exchange exchange, OutcomeReporter reporter,
         Duration time, ServerRequest request, RoutingResponse response, Work work) {
        this.policy = policy;
        this.route = route;
        this.exchange = exchange;
        this.request = request;
        this.response = response;
        this.work = work;
        this.view = new ResponseView(request, response, ownership);
        this.tracker = new WorkTracker(policy.unresponsive(), route, request);
        this.signal = new CancellationSignal(exchange.headersReadAt(), time, ownership, tracker);
        this.watchDelay = new WatchDelay(signal, () -> RunningRequests.add(this));
        this.reporter = reporter;
    }

    @Override
    public Deadline deadline() {
        return signal.deadline();
    }

    @Override
    public Cancellation cancellation() {
        CancelActions actions = cancelActions;
        if (actions == null) {
            CANCEL_ACTIONS.compareAndSet(this, null, new CancelActions(signal::reason, CancelActions.ACTION_TIME));
            actions = cancelActions;
        }
        return actions;
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
        reporter.raceBegins(signal);
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

    /** The work, on its own thread. */
    RaceResult doWork() {
        tracker.moveTo(Thread.currentThread());
        if (signal.isCancelled()) {
            tracker.ended();
            return new RaceResult.Cancelled(signal.reason());
        }
        worker = Thread.currentThread();
        if (watched) {
            nameWorker();
        }
        try {
            caller.run(() -> Current.within(this, this::callWork));
        } catch (Throwable e) {
            workEnd = new RaceResult.Threw(e);
        }
        endedAt = System.nanoTime();
        tracker.ended();
        if (workEnd instanceof RaceResult.Threw) {
            if (signal.clientGone()) {
                // what broke the last read or write is that nobody was left to read it
                return DEPARTED;
            }
            if (signal.deadline().passed()) {
                // it gave up before the alarm told it to
                return EXPIRED;
            }
        }
        return workEnd;
    }

    private void callWork() {
        try {
            try {
                work.run(request, view);
            } finally {
                CancelActions actions = cancelActions;
                if (actions != null) {
                    actions.close();
                }
            }
            view.complete();
        } catch (Throwable e) {
            workEnd = new RaceResult.Threw(e);
        }
    }

    /** Asked by the scope with every task that ends while the race is on, and when Helidon interrupts; the first decides. */
    boolean decides(RaceResult ended) {
        deciding.lock();
        try {
            if (winner != null) {
                return true;
            }
            decide(ended);
        } finally {
            deciding.unlock();
        }
        // work that has tried nobody's patience has no watcher that would have to be interrupted
        return !watchDelay.workEnded();
    }

    /** The place where the winner is chosen. */
    private void decide(RaceResult ended) {
        // the watcher may have cut the work off, and the scope not have heard of it yet
        winner = ended instanceof RaceResult.Cancelled || ownership.completeUnlessRevoked() || !signal.isCancelled()
                ? ended
                : new RaceResult.Cancelled(signal.reason());
        decidedAt = System.nanoTime();
        if (winner == STOPPING) {
            signal.stopping();
        }
        if (winner instanceof RaceResult.Cancelled(Outcome outcome)) {
            Thread on = tracker.thread();
            cancelledOn = on == null ? worker : on;
            answerDue = ownership.revoke(policy.statusOf(outcome));
            boolean clientWaits = answerDue && outcome != Outcome.DISCONNECTED;
            exchange.abort(outcome, clientWaits ? answering : null);
            CancelActions actions = cancelActions;
            if (actions != null) {
                actions.begin();
            }
        }
    }

    /** On the thread that answers, while the work may still be running. */
    private void answer() {
        if (winner instanceof RaceResult.Cancelled(Outcome outcome)) {
            reporter.decided(decidedAt, outcome, !answerDue, cancelledOn);
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
        switch (winner) {
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

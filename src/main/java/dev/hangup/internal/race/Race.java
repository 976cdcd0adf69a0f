package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.GuardedBody;
import dev.hangup.internal.outcome.OutcomeReporter;
import dev.hangup.internal.outcome.RequestText;
import dev.hangup.internal.response.BodyGuard;
import dev.hangup.internal.response.ErrorResponses;
import dev.hangup.internal.response.ResponseOwnership;
import dev.hangup.internal.response.ResponseView;
import dev.hangup.internal.text.SafeLog;
import dev.hangup.outcome.Outcome;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/**
 * The race of one request: its work against the departure of its client, a stall, the deadline and the server's shutdown.
 *
 * <h2>Who takes part</h2>
 * The <em>responding thread</em>, on which Helidon runs the request, opens a task scope and forks two virtual threads: the
 * <em>work</em>, and, if the work outlasts its {@link WatchDelay}, a <em>watcher</em> that waits for a {@link
 * CancellationSignal}: the client has left or has stalled, the deadline has passed, the server stops, or an operator has
 * cancelled the work. The responding thread waits for the decision, and once it has responded, for the scope. It never computes and
 * never blocks on the client's bytes. Only Helidon interrupts it: when the grace period of a stopping server is over, or when the
 * server stops and the connection cannot be watched. So it can respond whatever state the work is in.
 *
 * <h2>Who wins</h2>
 * The first task that ends wins; the scope reports it to {@link #taskEnded}. If that task is the work, the race is over: the
 * response of the work is sent, or its exception goes where it would have gone without Hangup. Work that throws has lost if it was
 * cancelled, if its deadline has passed, or if it has failed because of a stall. If that task is the watcher, the work has lost.
 * {@code taskEnded} then revokes the response before anything else happens, even before the scope interrupts the
 * work: the view of the response is detached, and the connection accepts no more bytes from the work and delivers none to it.
 *
 * <h2>What settles it</h2>
 * The decision passes three places in this order. Each settles one question, for good.
 * <table>
 * <caption>The decision</caption>
 * <tr><th>where</th><th>question</th><th>decided by</th><th>afterwards</th></tr>
 * <tr><td>{@link CancellationSignal#reason}, a CAS from {@code null}</td>
 *     <td>why the work is cancelled, if it is: the client, the deadline, the server or an operator</td>
 *     <td>any thread; none waits</td>
 *     <td>every thread sees this reason and no other; the watcher is awake, and the work counts as cancelled. The
 *         work may still win, unless it has asked for the reason or throws</td></tr>
 * <tr><td>{@link ResponseOwnership}, a CAS of its phase</td>
 *     <td>who owns the response</td>
 *     <td>the work with its first byte, when it sees a reason, and at its end; the watcher once awake; the thread
 *         that decides</td>
 *     <td>either the work or the decision may write, never both; ownership that was revoked stays revoked</td></tr>
 * <tr><td>{@code deciding}, a lock</td>
 *     <td>which task has won</td>
 *     <td>the threads of the work and the watcher when they end; the responding thread when Helidon interrupts it</td>
 *     <td>work that won owns its response; work that lost has had it revoked. A thread that comes later
 *         finds the decision complete</td></tr>
 * </table>
 * The last is a lock because the second thread must not proceed before the first has carried out its decision.
 *
 * <h2>Who responds</h2>
 * The work acquires the response with its first byte, the decision by detaching the view. If the decision comes first, the
 * responding thread responds while the work may still be running: with 503, or, if the client has gone, with a status that only
 * filters and access logs see. If the work has already begun its response, there is no second one: the connection is closed in
 * the middle of the first. If only the last byte of the response is missing, the work is given a moment to write it. If no byte of
 * an acquired response has reached an HTTP/1.1 connection, the responding thread writes a response to the connection itself, since
 * the response object belongs to the work.
 * <p>
 * A client that has its whole response has not left, whatever it does next: the exchange stops reporting departures before the
 * last byte is handed to the socket, and the request counts as completed. Work that goes on after that, to clean up, is still
 * cancelled by the deadline, the server's shutdown and an operator, since it holds its permit until it ends.
 *
 * <h2>What may still run</h2>
 * The work may run until it reacts to the interrupt: the scope stays open until the work has ended, and the request keeps its
 * concurrency permit. The work is interrupted only once, so that it can clean up. Nothing of the request runs once {@link #run}
 * has returned, except threads that the work has started and not waited for. Work that does not react is recorded in the {@link
 * dev.hangup.internal.outcome.UnresponsiveRegistry}.
 * <p>
 * Once the work has ended, a thread that it has left behind can neither read the body ({@link Exchange#mayRead}) nor write a part
 * of the response ({@link Exchange#leaveBehind}).
 *
 * <h2>If there is no thread</h2>
 * If the thread of the work or of the watcher cannot be started, the race has failed, and its error goes where that of the work
 * would have gone: the client gets 500, if the response has not begun, and the outcome is {@link Outcome#FAILED}. If it is the
 * watcher's, the work has begun. It is interrupted and waited for, since nothing would cancel it when its client leaves, its
 * deadline passes or the server stops: a server without threads needs back what such work holds. If the work has ended by itself
 * meanwhile, it has won.
 *
 * <h2>What follows the work</h2>
 * {@link Exchange#limitRest} bounds what Helidon, filters and error handlers still read and write. The deadline applies to reading
 * the rest of the body, too; where no deadline applies any longer, the server's default deadline applies once more. If the work
 * has passed the request on, the rest of the body is left to the next handler.
 */
final class Race implements WorkContext, RaceRunner.Entry, Exchange.Listener, TaskScopes.RaceTasks<RaceResult> {
    /**
     * The result that decides when Helidon interrupts the responding thread, which it does only when the server stops. The outcome
     * is {@link Outcome#SHUTDOWN} unless the work was cancelled for another reason before.
     */
    static final RaceResult STOPPING = new RaceResult.Cancelled(Outcome.SHUTDOWN);
    private static final SafeLog LOGGER = new SafeLog(Race.class);
    private static final TaskScopes SCOPES = TaskScopes.load();
    private static final AtomicReferenceFieldUpdater<Race, CancelActions> CANCEL_ACTIONS =
            AtomicReferenceFieldUpdater.newUpdater(Race.class, CancelActions.class, "cancelActions");

    /** Time for the last byte of the response once the work is cancelled. The last byte to a slow reader may never be written. */
    private static final long LAST_BYTE_MILLIS = 100;

    private final ServerPolicy policy;
    private final ServerRequest request;
    private final RoutingResponse response;
    private final Handler work;
    private final Exchange exchange;
    private final OutcomeReporter reporter;
    private final ResponseOwnership ownership = new ResponseOwnership();
    private final ResponseView view;
    private final WorkTracker tracker;
    private final CancellationSignal signal;
    private final WatchDelay watchDelay;
    private final CallerContext caller = CallerContext.capture();
    private final Thread responding = Thread.currentThread();

    // the work
    /** The thread that began the work, if any. Written by that thread. */
    private volatile Thread worker;
    /** Whether the thread of the work is about to end. Written by that thread before it wakes the responding thread. */
    private boolean workOver;
    /** Whether the work is watched. Written by the responding thread. */
    private volatile boolean watched;
    /** The cancel actions of the work, if any. Set by the first of its threads that asks for them. */
    private volatile CancelActions cancelActions;
    /** How and when the work ended. Written by its thread, read when the scope is closed. */
    private RaceResult workEnd = RaceResult.Returned.RETURNED;
    private long endedAt;

    // the decision
    /**
     * Settles the race between the end of the work, the end of the watcher and Helidon's interrupt: one decides, the others wait.
     */
    private final Lock deciding = new ReentrantLock();
    /**
     * The result that decided. Guarded by the lock until one thread has decided, as are the fields down to {@code replacementDue}.
     */
    private RaceResult winner;
    private long decidedAt;
    /** The thread that the work was on when it was cancelled. */
    private Thread cancelledOn;
    /** Whether a part of the work's response may have reached the connection when the work was cancelled. */
    private boolean responseBegun;
    /** Whether this race must send the response. */
    private boolean responseDue;
    /** Whether this race must replace the response that the work has acquired, unless a byte of it has been written. */
    private boolean replacementDue;
    /** Whether the decision is carried out. Owned by the responding thread, as are the fields down to {@code replaced}. */
    private boolean carriedOut;
    /** Whether this race has sent the response. */
    private boolean responded;
    /** Whether this race has written another response than that of the response object. */
    private boolean replaced;

    Race(ServerPolicy policy, RoutePolicy route, Exchange exchange, OutcomeReporter reporter,
         Optional<Duration> asked, ServerRequest request, RoutingResponse response, Handler work) {
        this.policy = policy;
        this.exchange = exchange;
        this.reporter = reporter;
        this.request = request;
        this.response = response;
        this.work = work;
        this.view = new ResponseView(request, response, ownership);
        this.tracker = new WorkTracker(policy.unresponsive(), route, request);
        this.signal = new CancellationSignal(exchange, policy, route, asked, ownership, tracker);
        this.watchDelay = new WatchDelay(signal, tracker);
    }

    /** Runs the race, as specified by {@link RaceRunner#run}. */
    void run() throws Exception {
        reporter.raceBegins(signal);
        if (!exchange.endsConnection() || request.headers().contains(HeaderNames.CONTENT_LENGTH)
                || request.headers().contains(HeaderNames.TRANSFER_ENCODING)) {
            BodyGuard guard = new BodyGuard(view, exchange, responding);
            if (!exchange.guardBody(guard)) {
                request.streamFilter(body -> new GuardedBody(body, GuardedBody.mayWait(body), () -> guard));
            }
        }
        try {
            exchange.begin(this);
            // only Helidon interrupts this thread, and only when the server stops
            SCOPES.race("hangup", this, STOPPING);
        } catch (RuntimeException | Error e) {
            failed(e);
        } finally {
            signal.disarm();
            exchange.end();
        }
        try {
            conclude();
        } finally {
            limitRest();
        }
    }

    /**
     * Decides a race that could not be run to its end, unless one of its tasks has decided it before. The scope has interrupted the
     * work, if it had begun, and has waited for it.
     */
    private void failed(Throwable thrown) {
        RaceResult failure = new RaceResult.Threw(thrown);
        taskEnded(failure);
        if (winner != failure) {
            LOGGER.warning("A race failed; it has ended as " + winner, thrown);
            raceDecided();
        } else if (workEnd instanceof RaceResult.Threw(Throwable byWork)) {
            // dropped if it is an effect of the interrupt
            reporter.threw(byWork);
        }
    }

    /** Creates a thread of the scope, which wakes the responding thread when the scope's own code on it is done. */
    @Override
    public Thread newThread(Runnable task) {
        boolean ofWork = !watched;
        return Thread.ofVirtual().unstarted(() -> {
            try {
                task.run();
            } finally {
                if (ofWork) {
                    workOver = true;
                }
                watchDelay.wake();
            }
        });
    }

    @Override
    public RaceResult work() {
        tracker.begins(Thread.currentThread());
        if (signal.isCancelled()) {
            tracker.ended();
            return new RaceResult.Cancelled(signal.reason());
        }
        worker = Thread.currentThread();
        ownership.begin();
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
        Outcome reason = workEnd instanceof RaceResult.Threw(Throwable thrown) ? reasonFor(thrown) : null;
        return reason == null ? workEnd : new RaceResult.Cancelled(reason);
    }

    private void callWork() {
        try {
            try {
                work.handle(request, view);
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

    /** Why work that has thrown counts as cancelled, even if the watcher does not know it yet; {@code null} if it has failed. */
    private Outcome reasonFor(Throwable thrown) {
        // the last read or write may have failed because the client had left or had stalled, or the work may have given up at its
        // deadline before the timer fired
        return signal.settle(exchange.stalled(thrown));
    }

    /** Decides whether the work needs a watcher, and if so starts watching the exchange. */
    @Override
    public boolean needsWatcher() {
        if (!watchDelay.elapsedFirst()) {
            return false;
        }
        exchange.startWatching();
        reporter.started();
        watched = true;
        nameWorker();
        return true;
    }

    /**
     * Names the thread for thread dumps. Short work needs no name; work that begins after the watch delay names its own thread.
     */
    private void nameWorker() {
        Thread working = worker;
        if (working != null) {
            working.setName("hangup-work " + name());
        }
    }

    @Override
    public RaceResult watch() {
        Thread.currentThread().setName("hangup-watch " + reporter.id());
        try {
            Outcome outcome = signal.await();
            if (!ownership.revokeUnlessFinished(policy.statusOf(outcome))) {
                // the response is all but complete: if the work ends meanwhile it has won, and the scope interrupts this thread
                TimeUnit.MILLISECONDS.sleep(LAST_BYTE_MILLIS);
            }
            return new RaceResult.Cancelled(outcome);
        } catch (InterruptedException e) {
            // the race was decided; the result of the loser is not used
            return STOPPING;
        }
    }

    /** Called by the scope for each task that ends during the race, and when Helidon interrupts. The first call decides. */
    @Override
    public boolean taskEnded(RaceResult ended) {
        deciding.lock();
        try {
            if (winner != null) {
                return true;
            }
            decide(ended);
        } finally {
            deciding.unlock();
        }
        if (Thread.currentThread() != worker) {
            // at once; when the work has ended, its thread wakes the responding thread last
            LockSupport.unpark(responding);
        }
        // work that finished within the watch delay has no watcher to interrupt
        return !watchDelay.workEndedFirst();
    }

    @Override
    public void awaitDecision() {
        while (!isDecided() && !workOver && !responding.isInterrupted()) {
            LockSupport.park(this);
        }
        if (!responding.isInterrupted()) {
            raceDecided();
        }
    }

    private boolean isDecided() {
        deciding.lock();
        try {
            return winner != null;
        } finally {
            deciding.unlock();
        }
    }

    /** Chooses the winner, and takes the response and the connection from work that has lost. */
    private void decide(RaceResult ended) {
        if (ended == STOPPING) {
            signal.stopping();
        }
        // work that has ended may have lost: the watcher has revoked its response, and the scope does not know of it yet
        boolean lost = ended instanceof RaceResult.Cancelled || !ownership.completeUnlessRevoked() && signal.isCancelled();
        winner = lost ? new RaceResult.Cancelled(signal.reason()) : ended;
        // the thread of the work has just read the clock
        decidedAt = Thread.currentThread() == worker ? endedAt : System.nanoTime();
        if (winner instanceof RaceResult.Cancelled(Outcome outcome)) {
            Thread on = tracker.thread();
            cancelledOn = on == null ? worker : on;
            responseDue = ownership.revoke(policy.statusOf(outcome));
            boolean clientWaits = outcome != Outcome.DISCONNECTED;
            replacementDue = clientWaits && !responseDue && exchange.endsConnection() && !exchange.begun();
            if (signal.isDeadlineOfClient()) {
                exchange.ignorePermit();
            }
            exchange.abort(outcome, clientWaits && responseDue || replacementDue ? responding : null);
            // read after the abort, since the work could still write before
            responseBegun = !responseDue && exchange.begun();
            CancelActions actions = cancelActions;
            if (actions != null) {
                actions.begin();
            }
        }
    }

    /** Sends the response on the responding thread, while the work may still be running. */
    @Override
    public void raceDecided() {
        if (!carriedOut && winner instanceof RaceResult.Cancelled(Outcome outcome)) {
            carriedOut = true;
            reporter.decided(decidedAt, outcome, responseBegun, cancelledOn);
            try {
                if (responseDue) {
                    ErrorResponses.cancelled(request, response, outcome, policy.statusOf(outcome), policy.retryAfter(),
                                             exchange.endsConnection());
                    responded = true;
                } else if (replacementDue) {
                    replaced = exchange.writeUnlessBegun(ErrorResponses.cancelled(request, outcome, policy.statusOf(outcome),
                                                                                  policy.retryAfter()));
                }
            } catch (Throwable e) {
                // the client has gone in the meantime, or a filter's listener failed: nothing is left to do
                LOGGER.log(System.Logger.Level.DEBUG, "Could not send the response", e);
            } finally {
                exchange.responded();
            }
        }
    }

    /** Called after the scope has closed: nothing of the request runs any more. */
    private void conclude() throws Exception {
        switch (winner) {
        case RaceResult.Returned ignored -> leaveResponse(null);
        case RaceResult.Threw(Throwable thrown) -> {
            leaveResponse(thrown);
            OffThreadTask.rethrow(thrown);
        }
        case RaceResult.Cancelled(Outcome outcome) -> {
            if (workEnd instanceof RaceResult.Threw(Throwable thrown)) {
                reporter.threw(thrown);
            }
            long stopping = worker == null ? 0 : endedAt - decidedAt;
            if (replaced) {
                reporter.replaced(decidedAt, outcome, policy.statusOf(outcome), stopping);
            } else {
                reporter.stopped(decidedAt, outcome, response, stopping);
            }
            boolean whole = responded || endsWholeResponse();
            // Helidon would treat an interrupted thread as an error and send a response to it
            if (!whole || exchange.endsConnection() && !exchange.watched() || Thread.currentThread().isInterrupted()) {
                throw new RequestCancelled(outcome);
            }
        }
        }
    }

    /**
     * Ends the stream of a response of which the client gets the whole content. Under {@code paths}, Helidon's routing has tried to
     * do so inside of this race, on the view.
     *
     * @return whether there is such a response
     */
    private boolean endsWholeResponse() {
        if (exchange.endsConnection() || !exchange.isComplete()) {
            return false;
        }
        response.commit();
        return true;
    }

    /**
     * Leaves the response to this thread, since the work has ended by itself, and reports that end, whatever fails meanwhile.
     *
     * @param thrown what the work has thrown; {@code null} if it has returned
     * @throws CloseConnectionException if a thread that the work has left behind has begun the response
     */
    private void leaveResponse(Throwable thrown) {
        Throwable end = thrown;
        try {
            if (view.release() && exchange.leaveBehind(responding)) {
                CloseConnectionException unfinished =
                        new CloseConnectionException("A thread that outlives its handler has begun the response");
                if (thrown == null) {
                    end = unfinished;
                } else {
                    unfinished.addSuppressed(thrown);
                }
                throw unfinished;
            }
        } finally {
            if (end == null) {
                reporter.returned(decidedAt, response);
            } else {
                reporter.thrown(decidedAt, end, response);
            }
        }
    }

    /** Bounds what Helidon does with the request from now on, unless the work has lost or has passed it on to another handler. */
    private void limitRest() {
        boolean passedOn = winner == RaceResult.Returned.RETURNED && !response.isSent()
                && (response.isNexted() || response.shouldReroute());
        if (!passedOn && !(winner instanceof RaceResult.Cancelled)) {
            exchange.limitRest(() -> signal.timeForRest(response.hasEntity()));
        }
    }

    @Override
    public void departed() {
        signal.departed();
    }

    @Override
    public void stopping() {
        signal.stopping();
    }

    @Override
    public void running(RunningRequests.Sink sink) {
        sink.add(reporter.id(), () -> RequestText.name(request), exchange.headersReadAt(), tracker.thread());
    }

    @Override
    public Deadline deadline() {
        return signal.deadline();
    }

    @Override
    public Deadline serverDeadline() {
        return signal.serverDeadline();
    }

    @Override
    public Cancellation cancellation() {
        CancelActions actions = cancelActions;
        if (actions == null) {
            CANCEL_ACTIONS.compareAndSet(this, null,
                                         new CancelActions(this::reasonForWork, CancelActions.ACTION_TIME, this::threw));
            actions = cancelActions;
        }
        return actions;
    }

    /**
     * Returns why the work is cancelled, as the work may know it; {@code null} if it is not. The response is revoked before that:
     * work that stops half-way because of what it sees here must not pass for work that has ended by itself.
     */
    private Outcome reasonForWork() {
        Outcome reason = signal.reason();
        if (reason != null) {
            ownership.revokeUnlessFinished(policy.statusOf(reason));
        }
        return reason;
    }

    @Override
    public boolean over() {
        return signal.isCancelled() || signal.pastDeadline();
    }

    @Override
    public String name() {
        return reporter.id() + " " + RequestText.name(request);
    }

    @Override
    public void enter() {
        tracker.enter();
    }

    @Override
    public void leave() {
        tracker.leave();
    }

    @Override
    public void threw(Throwable thrown) {
        reporter.threw(thrown);
    }

    /** Called by the work: bounds the time that it has left. */
    void shorten(Duration allowed) {
        signal.shorten(policy.bounded(allowed));
    }

    @Override
    public Optional<WorkTracker> trackerForDetachedWork() {
        return Optional.of(tracker.forDetachedWork());
    }

    @Override
    public Optional<OutcomeReporter> reporter() {
        return Optional.of(reporter);
    }

    /** Ends the connection, or the stream, of a cancelled request. Its stack trace would show only this class and Helidon. */
    private static final class RequestCancelled extends CloseConnectionException {
        private static final long serialVersionUID = 1L;

        private RequestCancelled(Outcome outcome) {
            super("Request ended as " + outcome.text());
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}

package dev.hangup.race;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.connection.Exchange;
import dev.hangup.holdoff.HoldOff;
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
 * if that lasts for longer than its {@link Patience}, a <em>watcher</em> that waits for a {@link StopSignal}: the client
 * has left, the deadline has passed, or the server stops. Then it waits for the scope. It never computes and never blocks
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
 * its {@link Claim} settles which came first. If the decision did, this thread answers while the work may still be
 * running: with 503, or, where the client has gone, with a status that only filters and access logs see. If the work
 * had begun to answer, there is no second answer: the connection is closed in the middle of the first. Only if nothing
 * but its last byte is missing has it a moment for that.
 *
 * <h2>What may still run</h2>
 * The work, until it notices the interrupt: the scope's end waits for it, and so does the request's concurrency
 * permit. Nobody interrupts it twice, so that it can clean up. Nothing of the request runs when {@link #run} has returned.
 * Work that does not notice is {@link Stubborn}.
 */
final class Race implements Purpose, StopSignal.Subject {
    private static final Finish STOPPING = new Finish.Stop(Outcome.SHUTDOWN);
    private static final Finish DEPARTED = new Finish.Stop(Outcome.DISCONNECTED);
    private static final Finish EXPIRED = new Finish.Stop(Outcome.DEADLINE_EXCEEDED);
    private static final System.Logger LOGGER = System.getLogger(Race.class.getName());

    /** How long the work's last byte may take when its time is over; a slow reader's may never be out. */
    private static final long LAST_BYTE_MILLIS = 100;

    private final Terms terms;
    private final RouteTerms route;
    private final ServerRequest request;
    private final RoutingResponse response;
    private final Claim claim = new Claim();
    private final ResponseView view;
    private final Work work;
    private final Exchange exchange;
    private final StopSignal stop;
    private final Patience patience;
    private final CallerContext caller = CallerContext.capture();
    private final Thread answering = Thread.currentThread();

    /** Settles the race between the work's end and the watcher's. */
    private final AtomicReference<Finish> winner = new AtomicReference<>();
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
    private volatile boolean lasting;
    /** When the work ended. Written by its thread, read when the scope is closed. */
    private long endedAt;
    /** What the work was on when it was told to stop. Written by the decider. */
    private Thread stoppedOn;
    private final Course course;
    private final Report report;
    private final HoldOff.Visit visit;

    Race(Terms terms, RouteTerms route, Exchange exchange, Report report, HoldOff.Visit visit, Duration time,
         ServerRequest request, RoutingResponse response, Work work) {
        this.terms = terms;
        this.route = route;
        this.exchange = exchange;
        this.request = request;
        this.response = response;
        this.work = work;
        this.course = new Course(terms.stubborn(), route, request);
        this.view = new ResponseView(request, response, claim);
        this.stop = new StopSignal(exchange.headersReadAt(), time, this);
        this.patience = new Patience(stop);
        this.report = report;
        this.visit = visit;
    }

    @Override
    public Deadline deadline() {
        return stop.deadline();
    }

    /** Why the work was told to stop; {@code null} if it was not. */
    Outcome stopReason() {
        return stop.reason();
    }

    /** For the work: it has no more time than that. */
    void shorten(Duration allowed) {
        stop.shorten(terms.bounded(allowed));
    }

    @Override
    public boolean over() {
        return stop.given() || stop.deadline().passed();
    }

    @Override
    public boolean answerFinished() {
        return claim.finishing();
    }

    @Override
    public void toldToStop(Outcome outcome) {
        // work that has not begun sees by itself that it need not, and what has ended has
        course.toldToStop(outcome);
    }

    @Override
    public String name() {
        return report.id() + " " + RequestText.name(request);
    }

    @Override
    public Thread worksOn(Thread thread) {
        return course.worksOn(thread);
    }

    /** For work that may outlast this. */
    Course courseBeside() {
        return new Course(terms.stubborn(), route, request);
    }

    /** As {@link Races#run} says. */
    void run() throws Exception {
        if (!exchange.endsConnection() || request.headers().contains(HeaderNames.EXPECT)) {
            request.streamFilter(body -> new BodyGuard(body, view, answering));
        }
        try {
            exchange.begin(stop);
            // only Helidon interrupts this thread, and only when the server stops
            Scope.race("hangup " + report.id(), this::decides, STOPPING, this::doWork, this::lasts, this::watchForStop,
                       this::answer);
        } finally {
            stop.disarm();
            exchange.end();
        }
        conclude();
    }

    /** Whether the work is to be watched; from now on it is. */
    private boolean lasts() {
        if (!patience.outlasted()) {
            return false;
        }
        exchange.startWatching();
        report.lasts();
        lasting = true;
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
    private Finish watchForStop() {
        Thread.currentThread().setName("hangup-watch " + report.id());
        try {
            Outcome outcome = stop.await();
            if (!claim.cutOff(terms.verdict(outcome))) {
                // all but over: if the work ends meanwhile it has won, and the scope interrupts this
                TimeUnit.MILLISECONDS.sleep(LAST_BYTE_MILLIS);
            }
            return new Finish.Stop(outcome);
        } catch (InterruptedException e) {
            // the race was decided, and nobody asks the loser
            return STOPPING;
        }
    }

    private Finish doWork() {
        course.worksOn(Thread.currentThread());
        if (stop.given()) {
            course.ended();
            return new Finish.Stop(stop.reason());
        }
        worker = Thread.currentThread();
        if (lasting) {
            nameWorker();
        }
        AtomicReference<Finish> end = new AtomicReference<>(Finish.Returned.RETURNED);
        try {
            caller.run(() -> Scope.within(this, () -> {
                try {
                    work.run(request, view);
                    view.complete();
                } catch (Throwable e) {
                    end.set(new Finish.Threw(e));
                }
            }));
        } catch (Throwable e) {
            end.set(new Finish.Threw(e));
        }
        endedAt = System.nanoTime();
        course.ended();
        if (end.get() instanceof Finish.Threw) {
            if (stop.clientGone()) {
                // what broke the last read or write is that nobody was left to read it
                return DEPARTED;
            }
            if (stop.deadline().passed()) {
                // it gave up before the alarm told it to
                return EXPIRED;
            }
        }
        return end.get();
    }

    /** The place where the winner is chosen; asked by the scope with every task that ends while the race is on. */
    private boolean decides(Finish ended) {
        // the watcher may have cut the work off, and the scope not have heard of it yet
        Finish finish = ended instanceof Finish.Stop || claim.outrun() || !stop.given()
                ? ended
                : new Finish.Stop(stop.reason());
        if (!winner.compareAndSet(null, finish)) {
            return true;
        }
        decidedAt = System.nanoTime();
        if (finish == STOPPING) {
            stop.stopping();
        }
        try {
            if (finish instanceof Finish.Stop(Outcome outcome)) {
                Thread on = course.thread();
                stoppedOn = on == null ? worker : on;
                answerDue = claim.detach(terms.verdict(outcome));
                boolean clientWaits = answerDue && outcome != Outcome.DISCONNECTED;
                exchange.abort(outcome, clientWaits ? answering : null);
            }
        } finally {
            decided = true;
        }
        // work that has tried nobody's patience has no watcher that would have to be interrupted
        return !patience.ended();
    }

    /** On the thread that answers, while the work may still be running. */
    private void answer() {
        // interrupted while another thread was deciding: there are a few lines to go
        while (!decided) {
            Thread.yield();
        }
        if (winner.get() instanceof Finish.Stop(Outcome outcome)) {
            report.decided(decidedAt, outcome, stoppedOn);
            if (outcome == Outcome.DISCONNECTED) {
                visit.abandoned();
            }
            try {
                if (answerDue) {
                    Answer.stopped(request, response, terms, outcome, exchange.endsConnection());
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
        case Finish.Returned ignored -> {
            view.release();
            report.returned(decidedAt, response, exchange);
        }
        case Finish.Threw(Throwable thrown) -> {
            view.release();
            report.thrown(decidedAt, thrown, response, exchange);
            rethrow(thrown);
        }
        case Finish.Stop(Outcome outcome) -> {
            report.stopped(decidedAt, outcome, response, worker == null ? 0 : endedAt - decidedAt);
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

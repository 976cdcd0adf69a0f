package dev.hangup.race;

import java.util.Optional;

import dev.hangup.outcome.Outcome;

import io.helidon.webserver.http.ServerRequest;

/** Where a piece of work of a route is, and what it was told: how it is found out that it is {@link Stubborn}. */
public final class Course {
    private final Stubborn stubborn;
    private final RouteTerms route;
    private final ServerRequest request;
    /** The work's own thread, or that of a {@link Part}; {@code null} before and after. Written by these. */
    private volatile Thread worksOn;
    /** What the work was told while it went on. Written by who told it. */
    private volatile StopOrder order;

    Course(Stubborn stubborn, RouteTerms route, ServerRequest request) {
        this.stubborn = stubborn;
        this.route = route;
        this.request = request;
    }

    /** The thread that the work is on; {@code null} if it has not begun, or has ended. */
    Thread thread() {
        return worksOn;
    }

    /**
     * For work that is begun on the calling thread for its request, and may go on when that has ended. It counts as work of
     * the same route, and is told of under the name of that request.
     *
     * @return a course of its own; empty outside of a race
     */
    public static Optional<Course> besideRequest() {
        return Scope.current() instanceof Race race ? Optional.of(race.courseBeside()) : Optional.empty();
    }

    /**
     * The work goes on on another thread, or begins there.
     *
     * @param thread the thread
     * @return the one that it was on before, or {@code null}
     */
    public Thread worksOn(Thread thread) {
        Thread before = worksOn;
        worksOn = thread;
        return before;
    }

    /**
     * The work is being told to stop. To be called at most once, on any thread; does not block. Nothing comes of it if the
     * work has not begun, or has ended.
     *
     * @param outcome why
     */
    public void toldToStop(Outcome outcome) {
        if (worksOn != null) {
            order = new StopOrder(stubborn, route, request, outcome, () -> worksOn);
            order.give();
        }
    }

    /** The work has ended. Does not block. */
    public void ended() {
        worksOn = null;
        StopOrder told = order;
        if (told != null) {
            told.obeyed();
        }
    }
}

package dev.hangup.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The end of one request under Hangup.
 *
 * @param decision the request and the decision on its outcome
 * @param route    the pattern of the route that finally matched; the raw path if no pattern is known. Always a printable word
 * @param matched  whether the route is a pattern. If a service is registered under a path with a wildcard, or with a parameter
 *                 whose name the route uses again, its pattern shows the client's text in that place
 * @param status   the status that the client got. If the client had left, the status that filters and access logs saw; 0 if no
 *                 status was chosen
 * @param stopping the time from the decision to the end of the work; zero unless {@link Outcome#stopped()}
 * @param thrown   the exceptions that the work threw after it was cancelled, with their stack traces. No error handler received
 *                 them. Exceptions that the cancellation itself causes, such as an {@link InterruptedException}, are left
 *                 out, so the list is nearly always empty. It has several elements if several threads of the work, or several of
 *                 its cancel actions, threw. Empty unless {@link Outcome#stopped()}: exceptions of other work go to
 *                 the error handlers
 */
public record RequestEnd(RequestDecision decision, String route, boolean matched, int status, Duration stopping,
                         List<Throwable> thrown) {
    /** All components are required. */
    public RequestEnd {
        thrown = List.copyOf(thrown);
    }

    /** {@return the outcome} */
    public Outcome outcome() {
        return decision.outcome();
    }

    /** {@return the request's number, as in {@link RequestStart#id()}} */
    public long id() {
        return decision.request().id();
    }

    /** {@return the request's method, as in its {@link RequestStart}} */
    public String method() {
        return decision.request().method();
    }

    /** {@return the client's address, as in its {@link RequestStart}} */
    public String peer() {
        return decision.request().peer();
    }

    /** {@return the time from the end of the request's headers to the decision, as in its {@link RequestDecision}} */
    public Duration elapsed() {
        return decision.elapsed();
    }

    /** {@return the thread of the work, if the work was cancelled, as in its {@link RequestDecision}} */
    public String thread() {
        return decision.thread();
    }

    /** {@return when the request began: the moment at which its headers had been read} */
    public Instant startedAt() {
        return decision.request().at();
    }

    /**
     * {@return when the request's work had ended; the moment of the decision if the work was not {@linkplain Outcome#stopped()
     * cancelled}}
     */
    public Instant endedAt() {
        return startedAt().plus(elapsed()).plus(stopping);
    }

    /**
     * Returns the value of OpenTelemetry's attribute {@code error.type}. A client that left, or that did not take
     * its response, is not an error of the server.
     *
     * @return the outcome of work that the server cancelled, such as {@code deadline-exceeded}; the status of a request that failed
     *         or was refused if it is a 5xx; the outcome of any other request that failed; empty otherwise
     * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">Semantic conventions for HTTP spans</a>
     */
    public Optional<String> errorType() {
        return switch (outcome()) {
        case COMPLETED, DISCONNECTED, STALLED -> Optional.empty();
        case REFUSED -> status < 500 ? Optional.empty() : Optional.of(String.valueOf(status));
        case FAILED -> Optional.of(status < 500 ? outcome().text() : String.valueOf(status));
        case DEADLINE_EXCEEDED, SHUTDOWN, CANCELLED -> Optional.of(outcome().text());
        };
    }

    /**
     * Returns an object registered in the request's Helidon context, such as a tracing span.
     *
     * @param type its type
     * @param <T>  its type
     * @return what {@link io.helidon.common.context.Context#get(Class)} returned
     */
    public <T> Optional<T> context(Class<T> type) {
        return decision.request().context().flatMap(it -> it.get(type));
    }
}

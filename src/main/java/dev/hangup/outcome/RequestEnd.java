package dev.hangup.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The end of one request under Hangup, as listeners are told of it.
 *
 * @param decision what was decided, and of which request
 * @param route    the pattern of the route that matched in the end; the raw path where no pattern is known. A printable word
 *                 in any case
 * @param matched  whether it is a pattern. That of a service which is registered under a path with a wildcard shows what the
 *                 client has sent in its place
 * @param status   the status that the client got, or that filters and access logs were shown where no client was
 *                 left to get one; 0 if none was chosen
 * @param stopping from the decision to the end of the work; zero unless {@link Outcome#stopped()}
 */
public record RequestEnd(RequestDecision decision, String route, boolean matched, int status, Duration stopping) {
    /**
     * As what it ended.
     *
     * @return the outcome
     */
    public Outcome outcome() {
        return decision.outcome();
    }

    /**
     * The request's number.
     *
     * @return as of its {@link RequestStart}
     */
    public long id() {
        return decision.request().id();
    }

    /**
     * The request's method.
     *
     * @return as of its {@link RequestStart}
     */
    public String method() {
        return decision.request().method();
    }

    /**
     * The client's address.
     *
     * @return as of its {@link RequestStart}
     */
    public String peer() {
        return decision.request().peer();
    }

    /**
     * From the end of the request's headers to the decision.
     *
     * @return as of its {@link RequestDecision}
     */
    public Duration elapsed() {
        return decision.elapsed();
    }

    /**
     * The thread that work was on that was cancelled.
     *
     * @return as of its {@link RequestDecision}
     */
    public String thread() {
        return decision.thread();
    }

    /**
     * When the request began.
     *
     * @return the moment at which its headers had been read
     */
    public Instant startedAt() {
        return decision.request().at();
    }

    /**
     * When nothing of the request was running any more.
     *
     * @return the end of its work; of work that was not {@linkplain Outcome#stopped() cancelled}, the moment of the decision
     */
    public Instant endedAt() {
        return startedAt().plus(elapsed()).plus(stopping);
    }

    /**
     * Why the request is an error, in the terms of OpenTelemetry's attribute {@code error.type}. A client that left is no
     * error, as far as the server is concerned.
     *
     * @return the status of a 5xx, or the outcome of work that the server cancelled, such as {@code deadline-exceeded}; empty
     *         if the request was completed or its client left
     * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">Semantic conventions for HTTP spans</a>
     */
    public Optional<String> errorType() {
        return switch (outcome()) {
        case COMPLETED, DISCONNECTED -> Optional.empty();
        case FAILED -> Optional.of(status == 0 ? outcome().text() : String.valueOf(status));
        case DEADLINE_EXCEEDED, SHUTDOWN, CANCELLED -> Optional.of(outcome().text());
        };
    }

    /**
     * Something that others have registered in the request's Helidon context, such as their tracing.
     *
     * @param type its type
     * @param <T>  its type
     * @return what {@link io.helidon.common.context.Context#get(Class)} returned
     */
    public <T> Optional<T> context(Class<T> type) {
        return decision.request().context().flatMap(it -> it.get(type));
    }
}

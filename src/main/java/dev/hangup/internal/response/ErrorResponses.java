package dev.hangup.internal.response;

import java.time.Duration;

import dev.hangup.outcome.Outcome;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** The answers that Hangup gives by itself. Each is written to the end when the method returns. */
public final class ErrorResponses {
    private ErrorResponses() {
    }

    /** To work that was stopped before its answer had begun. */
    public static void cancelled(ServerRequest request, RoutingResponse response, Outcome outcome, Status status,
                                 Duration retryAfter, boolean endsConnection) {
        removeFraming(response.headers());
        response.status(status);
        if (endsConnection) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        if (outcome == Outcome.DISCONNECTED) {
            response.send();
            response.commit();
            return;
        }
        if (outcome != Outcome.CANCELLED) {
            setRetryAfter(response, retryAfter);
        }
        send(request, response, switch (outcome) {
            case SHUTDOWN -> "The server is stopping";
            case CANCELLED -> "This request was cancelled on the server";
            default -> "The deadline of this request has passed";
        });
    }

    /** To a request that asks for what cannot be understood. */
    public static void badRequest(ServerRequest request, RoutingResponse response, String detail) {
        removeFraming(response.headers());
        response.status(Status.BAD_REQUEST_400);
        send(request, response, detail);
    }

    /** To a request of a route that has more unresponsive work than it may have. */
    public static void tooMuchUnresponsiveWork(ServerRequest request, RoutingResponse response, Duration retryAfter) {
        removeFraming(response.headers());
        response.status(Status.SERVICE_UNAVAILABLE_503);
        setRetryAfter(response, retryAfter);
        send(request, response, "Too much work of this route was cancelled and has not ended");
    }

    /** To a client that has abandoned too many requests of the route. */
    public static void tooManyAbandoned(ServerRequest request, RoutingResponse response, long seconds) {
        removeFraming(response.headers());
        response.status(Status.TOO_MANY_REQUESTS_429);
        response.header(HeaderNames.RETRY_AFTER, String.valueOf(seconds));
        send(request, response, "Too many requests were abandoned");
    }

    private static void setRetryAfter(RoutingResponse response, Duration time) {
        response.header(HeaderNames.RETRY_AFTER, String.valueOf(time.toSeconds()));
    }

    private static void send(ServerRequest request, RoutingResponse response, String detail) {
        response.header(Problem.CONTENT_TYPE);
        if (request.prologue().method() == Method.HEAD) {
            response.send();
        } else {
            response.send(Problem.of(response.status(), detail));
        }
        // where a filter looks at the stream, sending only fills it; nobody else commits before the work has ended
        response.commit();
    }

    /** Filters, and handlers that called {@code next()}, may have described a body that will not come. */
    private static void removeFraming(ServerResponseHeaders headers) {
        headers.remove(HeaderNames.CONTENT_LENGTH);
        headers.remove(HeaderNames.TRANSFER_ENCODING);
        headers.remove(HeaderNames.CONTENT_ENCODING);
        headers.remove(HeaderNames.TRAILER);
    }
}

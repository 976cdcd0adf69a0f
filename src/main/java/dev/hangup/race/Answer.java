package dev.hangup.race;

import dev.hangup.outcome.Outcome;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** The answers that Hangup gives by itself. Each is written to the end when the method returns. */
final class Answer {
    private Answer() {
    }

    /** To work that was stopped before its answer had begun. */
    static void stopped(ServerRequest request, RoutingResponse response, Terms terms, Outcome outcome,
                        boolean endsConnection) {
        forgetFraming(response.headers());
        response.status(terms.verdict(outcome));
        if (endsConnection) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        if (outcome == Outcome.DISCONNECTED) {
            response.send();
            response.commit();
            return;
        }
        comeBack(response, terms);
        send(request, response, outcome == Outcome.SHUTDOWN
                ? "The server is stopping"
                : "The deadline of this request has passed");
    }

    /** To a request that asks for what cannot be understood. */
    static void refuse(ServerRequest request, RoutingResponse response, String detail) {
        forgetFraming(response.headers());
        response.status(Status.BAD_REQUEST_400);
        send(request, response, detail);
    }

    /** To a request of a route that has more stubborn work than it may have. */
    static void full(ServerRequest request, RoutingResponse response, Terms terms) {
        forgetFraming(response.headers());
        response.status(Status.SERVICE_UNAVAILABLE_503);
        comeBack(response, terms);
        send(request, response, "Too much work of this kind goes on that was told to stop");
    }

    /** To a client that has abandoned too many requests of the route. */
    static void heldOff(ServerRequest request, RoutingResponse response, long seconds) {
        forgetFraming(response.headers());
        response.status(Status.TOO_MANY_REQUESTS_429);
        response.header(HeaderNames.RETRY_AFTER, String.valueOf(seconds));
        send(request, response, "Too many requests were abandoned");
    }

    private static void comeBack(RoutingResponse response, Terms terms) {
        response.header(HeaderNames.RETRY_AFTER, String.valueOf(terms.retryAfter().toSeconds()));
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
    private static void forgetFraming(ServerResponseHeaders headers) {
        headers.remove(HeaderNames.CONTENT_LENGTH);
        headers.remove(HeaderNames.TRANSFER_ENCODING);
        headers.remove(HeaderNames.CONTENT_ENCODING);
        headers.remove(HeaderNames.TRAILER);
    }
}

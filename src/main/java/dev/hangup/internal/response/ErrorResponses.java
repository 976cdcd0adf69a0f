package dev.hangup.internal.response;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

import dev.hangup.outcome.Outcome;

import io.helidon.http.DateTime;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** The responses that Hangup sends itself. Each is written completely when the method returns. */
public final class ErrorResponses {
    private static final Header PROBLEM = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

    private ErrorResponses() {
    }

    /** Responds to a request whose work was cancelled before its response had begun. */
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
        send(request, response, detail(outcome));
    }

    /**
     * Returns the bytes of the HTTP/1.1 response to a request whose work was cancelled after it had acquired the response object.
     * Headers that filters have set are not in it.
     */
    public static byte[] cancelled(ServerRequest request, Outcome outcome, Status status, Duration retryAfter) {
        byte[] problem = problem(status, detail(outcome));
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        response.writeBytes(("HTTP/1.1 " + status.codeText() + " " + status.reasonPhrase() + "\r\n"
                + "Date: " + DateTime.rfc1123String() + "\r\n"
                + "Connection: close\r\n"
                + (outcome == Outcome.CANCELLED ? "" : "Retry-After: " + retryAfter.toSeconds() + "\r\n")
                + PROBLEM.name() + ": " + PROBLEM.get() + "\r\n"
                + "Content-Length: " + problem.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        if (request.prologue().method() != Method.HEAD) {
            response.writeBytes(problem);
        }
        return response.toByteArray();
    }

    private static String detail(Outcome outcome) {
        return switch (outcome) {
            case SHUTDOWN -> "The server is stopping";
            case CANCELLED -> "This request was cancelled on the server";
            default -> "The deadline of this request has passed";
        };
    }

    /** Responds to a request that has no race. */
    public static void refused(ServerRequest request, RoutingResponse response, Status status, Optional<Duration> retryAfter,
                               String detail) {
        removeFraming(response.headers());
        response.status(status);
        retryAfter.ifPresent(time -> setRetryAfter(response, time));
        send(request, response, detail);
    }

    private static void setRetryAfter(RoutingResponse response, Duration time) {
        response.header(HeaderNames.RETRY_AFTER, String.valueOf(time.toSeconds()));
    }

    private static void send(ServerRequest request, RoutingResponse response, String detail) {
        response.header(PROBLEM);
        if (request.prologue().method() == Method.HEAD) {
            response.send();
        } else {
            response.send(problem(response.status(), detail));
        }
        // if a filter wraps the stream, sending only fills it; no other thread commits before the work has ended
        response.commit();
    }

    /**
     * A JSON problem (RFC 9457) on one line. The detail is Hangup's own text, contains nothing that a client sent, and needs no
     * escaping.
     */
    private static byte[] problem(Status status, String detail) {
        return ("{\"type\":\"about:blank\",\"title\":\"" + status.reasonPhrase() + "\",\"status\":" + status.code()
                + ",\"detail\":\"" + detail + "\"}\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Removes headers by which filters, and handlers that called {@code next()}, may have described a body that is not sent. */
    private static void removeFraming(ServerResponseHeaders headers) {
        headers.remove(HeaderNames.CONTENT_LENGTH);
        headers.remove(HeaderNames.TRANSFER_ENCODING);
        headers.remove(HeaderNames.CONTENT_ENCODING);
        headers.remove(HeaderNames.TRAILER);
    }
}

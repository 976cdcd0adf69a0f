package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.hangup.cluster.RelayOutcome;
import dev.hangup.cluster.RelayedFailureException;

import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/** A member's response to a relayed request. */
public sealed interface RelayResponse {
    /** Returns the outcome of a call that receives this response. */
    default RelayOutcome outcome() {
        return this instanceof Result ? RelayOutcome.SUCCEEDED : RelayOutcome.FAILED;
    }

    /** A result: its encoded value, which is empty if there is none, and the time for which it has been cached. */
    record Result(Kind kind, byte[] value, Source source, Duration age) implements RelayResponse {
    }

    /**
     * A failure of the computation.
     *
     * @param type the class name of the exception; empty for an {@link HttpException}, which alone has a status
     *             and headers of its own
     */
    record Failure(String type, int status, String message, Map<String, String> headers) implements RelayResponse {
        /** Returns the failure for an exception of a computation. */
        public static Failure of(Throwable thrown) {
            if (thrown instanceof HttpException http) {
                Map<String, String> headers = new LinkedHashMap<>();
                for (Header header : http.headers()) {
                    headers.put(header.name(), header.values());
                }
                return new Failure("", http.status().code(), String.valueOf(http.getMessage()), headers);
            }
            return new Failure(thrown.getClass().getName(), Status.INTERNAL_SERVER_ERROR_500.code(),
                               String.valueOf(thrown.getMessage()), Map.of());
        }

        /** A new exception for the error handlers of the member that has relayed the request. */
        public RuntimeException exception() {
            if (!type.isEmpty()) {
                return new RelayedFailureException(type, message);
            }
            HttpException exception = new HttpException(message, Status.create(status), true);
            headers.forEach((name, value) -> exception.header(HeaderValues.create(name, value)));
            return exception;
        }
    }

    /** A result that cannot be sent: the member that requested it computes it itself. */
    record Unsendable() implements RelayResponse {
    }

    /** The kind of value that a computation has returned. */
    enum Kind {
        /** A value. */
        VALUE,
        /** An empty {@link java.util.Optional}. */
        ABSENT,
        /** {@code null}. */
        NOTHING
    }

    /** Where a result comes from. */
    enum Source {
        /** It was computed for this request. */
        MISS,
        /** It was computed for another request, which this one has joined. */
        COLLAPSED,
        /** It was cached. */
        HIT
    }
}

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

/** What a member answers to a relayed request. */
public sealed interface Answer {
    /** How a call that gets this answer has ended. */
    default RelayOutcome outcome() {
        return this instanceof Result ? RelayOutcome.ANSWERED : RelayOutcome.FAILED;
    }

    /**
     * A result.
     *
     * @param kind   what the value is
     * @param value  the encoded value; empty if there is none
     * @param source whether it was computed for this request, for others too, or before
     * @param age    how long it has been cached
     */
    record Result(Kind kind, byte[] value, Source source, Duration age) implements Answer {
    }

    /**
     * A failure of the computation.
     *
     * @param type    name of the class of an exception other than {@link HttpException}; empty for that one
     * @param status  the status of an {@code HttpException}
     * @param message the exception's message
     * @param headers the headers of an {@code HttpException}
     */
    record Failure(String type, int status, String message, Map<String, String> headers) implements Answer {
        /**
         * The failure of a computation that has thrown.
         *
         * @param thrown what it has thrown
         * @return the failure
         */
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

        /**
         * Returns the exception for the error handlers of the member that has relayed the request.
         *
         * @return a new exception
         */
        public RuntimeException exception() {
            if (!type.isEmpty()) {
                return new RelayedFailureException(type, message);
            }
            HttpException exception = new HttpException(message, Status.create(status), true);
            headers.forEach((name, value) -> exception.header(HeaderValues.create(name, value)));
            return exception;
        }
    }

    /** A result that cannot be sent: the member that has asked for it computes it for itself. */
    record Unsendable() implements Answer {
    }

    /** What a computation has returned. */
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

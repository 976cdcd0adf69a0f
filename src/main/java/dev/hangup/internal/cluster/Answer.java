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

    /** A result: its encoded value, of no bytes if there is none, and how long it has been cached. */
    record Result(Kind kind, byte[] value, Source source, Duration age) implements Answer {
    }

    /**
     * A failure of the computation.
     *
     * @param type name of the class of an exception other than {@link HttpException}; empty for that one, which alone has a status
     *             and headers of its own
     */
    record Failure(String type, int status, String message, Map<String, String> headers) implements Answer {
        /** The failure of a computation that has thrown this. */
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

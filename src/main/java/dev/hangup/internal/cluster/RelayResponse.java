package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import dev.hangup.cluster.RelayOutcome;
import dev.hangup.cluster.RelayedFailureException;

import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.InternalServerException;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.http.UnauthorizedException;

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
     * @param type    the name of the exception's class, for an {@link HttpException} that of Helidon which it extends or is
     * @param status  of an {@link HttpException}, which alone has one and headers of its own; 500 for any other exception
     * @param message empty if the exception has none
     * @param headers each with its values
     */
    record Failure(String type, int status, Optional<String> message, Map<String, List<String>> headers) implements RelayResponse {
        /**
         * Helidon's own exceptions of requests, which error handlers may be for. No other class is created by a name that has come
         * over a network.
         */
        private static final Map<String, Function<String, HttpException>> HTTP_EXCEPTIONS = Map.of(
                BadRequestException.class.getName(), BadRequestException::new,
                ForbiddenException.class.getName(), ForbiddenException::new,
                InternalServerException.class.getName(), message -> new InternalServerException(message, null),
                NotFoundException.class.getName(), NotFoundException::new,
                UnauthorizedException.class.getName(), UnauthorizedException::new);

        /** Returns the failure for an exception of a computation; without message and headers if one of its methods throws. */
        public static Failure of(Throwable thrown) {
            Failure reduced = thrown instanceof HttpException http
                    ? new Failure(known(http.getClass()), http.status().code(), Optional.empty(), Map.of())
                    : new Failure(thrown.getClass().getName(), Status.INTERNAL_SERVER_ERROR_500.code(), Optional.empty(), Map.of());
            try {
                Map<String, List<String>> headers = new LinkedHashMap<>();
                if (thrown instanceof HttpException http) {
                    for (Header header : http.headers()) {
                        headers.put(header.name(), List.copyOf(header.allValues()));
                    }
                }
                return new Failure(reduced.type, reduced.status, Optional.ofNullable(thrown.getMessage()), headers);
            } catch (RuntimeException | Error e) {
                return reduced;
            }
        }

        /** Returns this failure without its message and headers, which cannot be sent. */
        Failure reduced() {
            return new Failure(type, status, Optional.empty(), Map.of());
        }

        /** A new exception for the error handlers of the member that has relayed the request. */
        public RuntimeException exception() {
            if (!isHttp()) {
                return new RelayedFailureException(type, message.orElse(null));
            }
            HttpException exception = HTTP_EXCEPTIONS
                    .getOrDefault(type, it -> new HttpException(it, Status.create(status), true))
                    .apply(message.orElse(null));
            headers.forEach((name, values) -> exception.header(HeaderValues.create(name, values)));
            return exception;
        }

        private boolean isHttp() {
            return type.equals(HttpException.class.getName()) || HTTP_EXCEPTIONS.containsKey(type);
        }

        private static String known(Class<?> type) {
            Class<?> known = type;
            while (known != HttpException.class && !HTTP_EXCEPTIONS.containsKey(known.getName())) {
                known = known.getSuperclass();
            }
            return known.getName();
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

package dev.hangup;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.race.Current;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;

/**
 * The moment at which the current request's work is stopped.
 * <p>
 * It is the smallest of what the route (or the default) allows, the server's maximum, and what the client asked for,
 * counted from the end of the request's headers. Immutable, for use by any thread.
 */
public final class Deadline implements Comparable<Deadline> {
    /**
     * The header that carries the time a request has left, in whole milliseconds from the end of its headers:
     * {@value}. A client may ask with it for less time than the server would give, never for more.
     */
    public static final String HEADER = "X-Request-Timeout-Ms";
    /** {@link #HEADER} as Helidon's own API wants it. */
    public static final HeaderName HEADER_NAME = HeaderNames.create(HEADER);

    private final long at;

    Deadline(long startedAt, Duration allowed) {
        this.at = startedAt + allowed.toNanos();
    }

    /**
     * The deadline of the request that the calling thread works for: inside a computation or handler under Hangup, and
     * in forks of scopes opened there, which inherit it.
     *
     * @return the deadline, or empty outside of a request under Hangup
     */
    public static Optional<Deadline> current() {
        return Optional.ofNullable(Current.context()).map(it -> it.deadline());
    }

    /**
     * A deadline that is no request's.
     *
     * @param time from now; zero or more
     * @return the deadline
     */
    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime(), time);
    }

    /**
     * The time that is left.
     *
     * @return zero or more
     */
    public Duration remaining() {
        long nanos = at - System.nanoTime();
        return nanos <= 0 ? Duration.ZERO : Duration.ofNanos(nanos);
    }

    /**
     * Whether no time is left. The work is interrupted then; nothing needs to poll this.
     *
     * @return whether the deadline has passed
     */
    public boolean passed() {
        return at - System.nanoTime() <= 0;
    }

    /** The earlier one comes first. */
    @Override
    public int compareTo(Deadline other) {
        return Long.signum(at - other.at);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Deadline deadline && at == deadline.at;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(at);
    }
}

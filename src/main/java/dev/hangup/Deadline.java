package dev.hangup;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.race.Current;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;

/**
 * The moment at which the work of the current request is cancelled.
 * <p>
 * The time allowed is the smallest of three: the deadline of the route (or the server's default), the server's maximum, and the
 * time that the client asked for. It is counted from the end of the request's headers. The server's default applies until the
 * response begins, since it is meant for computing and not for sending. Instances are immutable and may be used by any thread.
 */
public final class Deadline implements Comparable<Deadline> {
    /**
     * The name of the header that carries the time left for a request, in whole milliseconds from the end of its headers:
     * {@value}. A client can use it to shorten the server's deadline, never to extend it.
     */
    public static final String HEADER = "X-Request-Timeout-Ms";
    /** {@link #HEADER} as a Helidon header name. */
    public static final HeaderName HEADER_NAME = HeaderNames.create(HEADER);

    /** The longest time to a deadline. The difference of two deadlines is at most twice as long, and fits in a {@code long}. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final long at;

    private Deadline(long at) {
        this.at = at;
    }

    private static Duration bounded(Duration time) {
        if (time.isNegative()) {
            return Duration.ZERO;
        }
        return time.compareTo(LONGEST) < 0 ? time : LONGEST;
    }

    /**
     * Returns the deadline of the request that the calling thread works for. Computations and handlers under Hangup have one
     * until their response begins; after that, only if the route, the client or the work itself has set one. Subtasks of task
     * scopes opened there inherit it.
     *
     * @return the deadline that applies now; empty outside of a request under Hangup, and if none applies
     */
    public static Optional<Deadline> current() {
        return Optional.ofNullable(Current.context()).map(it -> it.deadline());
    }

    /**
     * Returns a deadline that belongs to no request.
     *
     * @param time from now; zero or less for a deadline that has passed; times longer than 36,500 days are treated as 36,500 days
     * @return the deadline
     */
    public static Deadline in(Duration time) {
        return after(System.nanoTime(), time);
    }

    /**
     * Returns a deadline that belongs to no request and counts from a given moment.
     *
     * @param start the moment, a value of {@link System#nanoTime()}
     * @param time  from that moment; zero or less for a deadline at that moment; times longer than 36,500 days are treated as
     *              36,500 days
     * @return the deadline
     */
    public static Deadline after(long start, Duration time) {
        return new Deadline(start + bounded(time).toNanos());
    }

    /** {@return the time that is left; zero if the deadline has passed} */
    public Duration remaining() {
        long nanos = at - System.nanoTime();
        return nanos <= 0 ? Duration.ZERO : Duration.ofNanos(nanos);
    }

    /**
     * {@return whether the deadline has passed} The work is interrupted at that moment, so there is no need to poll this method.
     */
    public boolean passed() {
        return at - System.nanoTime() <= 0;
    }

    /** Orders deadlines by time, the earliest first. */
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

package dev.hangup.internal.connection;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.internal.text.SafeLog;
import dev.hangup.internal.time.Timer;

/**
 * Applies the stall limit to what is written when no work runs: a refusal, the response in place of cancelled work, the response
 * of an error handler ({@link Exchange#limitRest}), and, over HTTP/1.1, what Helidon itself responds when no request is in flight.
 * The work itself is watched by the timer of its race.
 * <p>
 * One timer looks at all connections at each interval of the limit, while there are any. So neither a request nor a write starts
 * a timer. A response that is written at once costs a few volatile stores.
 */
public final class StallTimer {
    private static final SafeLog LOGGER = new SafeLog(StallTimer.class);

    private final StallLimit limit;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    /** Whether the timer runs. Settles the race between the last look and the next connection. */
    private final AtomicBoolean running = new AtomicBoolean();

    public StallTimer(StallLimit limit) {
        this.limit = limit;
    }

    public StallLimit limit() {
        return limit;
    }

    /** Adds a connection. Does not block. */
    public void add(Connection connection) {
        if (!limit.isNone()) {
            connections.add(connection);
            run();
        }
    }

    /** Removes a connection that is over. */
    public void remove(Connection connection) {
        connections.remove(connection);
    }

    private void run() {
        if (!running.get() && running.compareAndSet(false, true)) {
            try {
                Timer.after(limit.interval(), this::look);
            } catch (RuntimeException | Error e) {
                // the next connection tries again
                running.set(false);
                throw e;
            }
        }
    }

    private void look() {
        for (Connection each : connections) {
            try {
                each.lookForStall();
            } catch (RuntimeException | Error e) {
                // must not end this timer, on which all connections depend
                LOGGER.warning("A connection could not be checked for a stall", e);
            }
        }
        running.set(false);
        // checked afterwards: a connection that was added meanwhile has either started the timer, or is found here
        if (!connections.isEmpty()) {
            run();
        }
    }

    /** A connection. */
    @FunctionalInterface
    public interface Connection {
        /** Called at each interval on the timer's thread: ends what has stalled. Must not block. */
        void lookForStall();
    }
}

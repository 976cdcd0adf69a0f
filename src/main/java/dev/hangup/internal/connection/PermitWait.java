package dev.hangup.internal.connection;

import java.util.Locale;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.hangup.internal.time.CoarseTimeout;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.webserver.CloseConnectionException;

/**
 * The wait of one request for its permit of a concurrency limit, given up when the client leaves.
 * <p>
 * Most requests get their permit at once, so nobody looks for the client until the wait has lasted for a {@link CoarseTimeout}.
 * From then on the client's leaving interrupts the thread that waits, which makes Helidon's limits turn the request
 * away. The interrupt comes in the middle of the limit's call or not at all, and the thread's flag does not survive it.
 */
public final class PermitWait extends CoarseTimeout {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    private final Client client;
    private final Thread waiting = Thread.currentThread();
    /** Settles the race between the tick and the end of the wait: nobody begins to watch for who waits no longer. */
    private final Lock lock = new ReentrantLock();
    // guarded by lock
    private boolean watched;
    private boolean over;
    /** The interrupt is ours. Written by whoever sees the client leave. */
    private volatile boolean departed;

    private PermitWait(Client client) {
        this.client = client;
    }

    /**
     * Whether a limit can make anybody wait at all.
     *
     * @return {@code false} where nothing is configured, or no queue
     */
    static boolean possible(Limit limit) {
        return !(limit instanceof FixedLimit fixed && fixed.prototype().queueLength() <= 0);
    }

    /**
     * Waits on the calling thread for as long as the limit makes it wait and the client is there.
     *
     * @param limit  asks a limit, on the calling thread, and may wait
     * @param client looked for if it does
     * @return what the limit says
     * @throws CloseConnectionException if the client left and there is no permit
     */
    static LimitAlgorithm.Outcome acquire(Supplier<LimitAlgorithm.Outcome> limit, Client client) {
        PermitWait wait = new PermitWait(client);
        LimitAlgorithm.Outcome outcome;
        try {
            wait.start();
            outcome = limit.get();
        } finally {
            wait.end();
        }
        // one that got its permit in that very instant goes on: its race will hear of the departure
        if (wait.departed && !(outcome instanceof LimitAlgorithm.Outcome.Accepted)) {
            // in the words of a request's outcome, but there was no route yet that could have made it one
            LOGGER.log(System.Logger.Level.INFO,
                       String.format(Locale.ROOT, "disconnected in the queue for a permit peer=%s elapsed=%.1fms",
                                     client.peer(), wait.elapsed() / 1e6));
            throw new CloseConnectionException("The client left while its request waited for a permit");
        }
        return outcome;
    }

    @Override
    protected void expired() {
        lock.lock();
        try {
            if (!over) {
                watched = true;
                client.watch(this::departed);
            }
        } finally {
            lock.unlock();
        }
    }

    // must not take the lock: the watching thread holds another, which passed() asks for with ours in its hands
    private void departed() {
        departed = true;
        waiting.interrupt();
    }

    private void end() {
        boolean wasWatched;
        lock.lock();
        try {
            over = true;
            wasWatched = watched;
        } finally {
            lock.unlock();
        }
        if (wasWatched) {
            client.unwatch();
            if (departed) {
                // Were it the server's, which stops at this very moment: it has told the connection to end, too
                Thread.interrupted();
            }
        }
    }

    /** Who waits for the request. */
    public interface Client {
        /**
         * Tell of the client's leaving from now on, at once if it has left.
         *
         * @param departed must not block; on any thread
         */
        void watch(Runnable departed);

        /** Its address, as {@code host:port}. */
        String peer();

        /** Tell no more: when this returns, nobody is being told either. */
        void unwatch();
    }
}

package dev.hangup.internal.connection;

import java.util.Locale;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.hangup.internal.time.CoarseTimeout;
import dev.hangup.internal.time.InterruptWhileWaiting;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.webserver.CloseConnectionException;

/**
 * The wait of one request for its permit of a concurrency limit. The wait ends early if the client leaves.
 * <p>
 * Most requests get their permit at once, so the client is watched only once the wait has lasted for a {@link CoarseTimeout}.
 * From then on a disconnect interrupts the waiting thread, which makes Helidon's limits reject the request. The interrupt arrives
 * within the call of the limit or not at all, and the thread's interrupt status is clear afterwards.
 */
public final class PermitWait extends CoarseTimeout {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    private final long startedAt = System.nanoTime();
    private final Client client;
    private final Thread waiting = Thread.currentThread();
    /** Settles the race between the timeout and the end of the wait: watching never begins after the wait has ended. */
    private final Lock lock = new ReentrantLock();
    // guarded by lock
    private boolean over;
    /** Created when watching begins; {@code null} before. */
    private InterruptWhileWaiting departure;

    private PermitWait(Client client) {
        this.client = client;
    }

    /** Whether a limit can make a request wait; not if no limit, or no queue, is configured. */
    static boolean possible(Limit limit) {
        return !(limit instanceof FixedLimit fixed && fixed.prototype().queueLength() <= 0);
    }

    /**
     * Waits on the calling thread until the limit returns its outcome or the client has left.
     *
     * @param limit  calls the limit on the calling thread; may wait
     * @param client watched while the call waits
     * @return the outcome of the limit
     * @throws CloseConnectionException if the client left and there is no permit
     */
    static LimitAlgorithm.Outcome acquire(Supplier<LimitAlgorithm.Outcome> limit, Client client) {
        PermitWait wait = new PermitWait(client);
        LimitAlgorithm.Outcome outcome;
        boolean departed;
        try {
            wait.start();
            outcome = limit.get();
        } finally {
            departed = wait.end();
        }
        // a request that received its permit at that very moment continues: its race will be notified of the departure
        if (departed && !(outcome instanceof LimitAlgorithm.Outcome.Accepted)) {
            // the wording is that of a request's outcome, which cannot be reported because no route has matched yet
            LOGGER.log(System.Logger.Level.INFO,
                       String.format(Locale.ROOT, "disconnected in the queue for a permit peer=%s elapsed=%.1fms",
                                     client.peer(), (System.nanoTime() - wait.startedAt) / 1e6));
            throw new CloseConnectionException("The client left while its request waited for a permit");
        }
        return outcome;
    }

    @Override
    protected void expired() {
        lock.lock();
        try {
            if (!over) {
                departure = new InterruptWhileWaiting(waiting);
                client.watch(departure::interrupt);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the client left during the wait. */
    private boolean end() {
        InterruptWhileWaiting watchedFor;
        lock.lock();
        try {
            over = true;
            watchedFor = departure;
        } finally {
            lock.unlock();
        }
        if (watchedFor == null) {
            return false;
        }
        client.unwatch();
        // if the interrupt was that of the stopping server, the server has also asked the connection to close
        return watchedFor.end();
    }

    /** The client whose request waits for a permit. */
    public interface Client {
        /**
         * Starts watching the client. Notifies of a disconnect at once if the client has already left.
         *
         * @param departed notified of the disconnect, on any thread, possibly more than once; must not block
         */
        void watch(Runnable departed);

        /** The client's address, as {@code host:port}. */
        String peer();

        /** Stops watching. A notification that is under way has no effect. */
        void unwatch();
    }
}

package dev.hangup.demo.page;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/** Bounds the pages that are open at a time, for all clients together and for each client. */
final class Places {
    private static final String RETRY_AFTER_SECONDS = "5";

    private final int max;
    private final int maxOfClient;
    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock. Holds only clients with open pages, so its size is bounded as well. */
    private final Map<String, Integer> taken = new HashMap<>();

    Places(int max, int maxOfClient) {
        this.max = max;
        this.maxOfClient = maxOfClient;
    }

    /**
     * Takes a place for a page of a client, which must {@link #leave} it.
     *
     * @throws HttpException with 429 if the client has reached its bound, with 503 if all clients together have
     */
    void take(String client) {
        lock.lock();
        try {
            ensureFree(client);
            taken.merge(client, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Checks that a client could open a page.
     *
     * @throws HttpException as {@link #take} does
     */
    void ensureFree(String client) {
        lock.lock();
        try {
            if (taken.getOrDefault(client, 0) >= maxOfClient) {
                throw refused("Your address has as many pages open as one may have", Status.TOO_MANY_REQUESTS_429);
            }
            if (taken.values().stream().mapToInt(Integer::intValue).sum() >= max) {
                throw refused("As many pages are open as may be", Status.SERVICE_UNAVAILABLE_503);
            }
        } finally {
            lock.unlock();
        }
    }

    void leave(String client) {
        lock.lock();
        try {
            taken.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
        } finally {
            lock.unlock();
        }
    }

    private static HttpException refused(String reason, Status status) {
        return new HttpException(reason, status, true)
                .header(HeaderValues.create(HeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
}

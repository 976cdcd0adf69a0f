package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** The requests that clients have abandoned lately, by client and route. */
final class AbandonmentWindows {
    private final long lengthNanos;
    private final LongSupplier nanos;
    private final Cache<ClientRoute, Window> windows;

    /** @param nanos the clock, such as {@link System#nanoTime()} */
    AbandonmentWindows(Duration length, int maxClients, LongSupplier nanos) {
        this.lengthNanos = length.toNanos();
        this.nanos = nanos;
        this.windows = Caffeine.newBuilder()
                // starts at the first abandoned request: later ones change the window without writing a new entry
                .expireAfterWrite(length)
                .maximumSize(maxClients)
                .ticker(nanos::getAsLong)
                // cleanup runs on the calling thread: a task in the common pool would belong to some request
                .executor(Runnable::run)
                .build();
    }

    /** The open window of a client on a route. */
    Optional<Window> find(ClientRoute clientRoute) {
        return Optional.ofNullable(windows.getIfPresent(clientRoute)).filter(it -> left(it) > 0);
    }

    /** Counts a request; returns the window in which it was counted. */
    Window abandoned(ClientRoute clientRoute) {
        Window window = windows.get(clientRoute, it -> new Window(nanos.getAsLong()));
        window.count.incrementAndGet();
        return window;
    }

    /**
     * Removes a request that turns out not to be abandoned. If it was the only one, the next abandoned request opens a new
     * window.
     */
    void takeBack(ClientRoute clientRoute, Window window) {
        if (window.count.decrementAndGet() == 0) {
            windows.asMap().remove(clientRoute, window);
        }
    }

    /** The time for which a window remains open, in nanoseconds. */
    long left(Window window) {
        return window.openedAt + lengthNanos - nanos.getAsLong();
    }

    long size() {
        windows.cleanUp();
        return windows.estimatedSize();
    }

    /** The requests that one client has abandoned on a route since the window was opened. */
    static final class Window {
        private final long openedAt;
        private final AtomicBoolean logged = new AtomicBoolean();
        private final AtomicInteger count = new AtomicInteger();

        private Window(long openedAt) {
            this.openedAt = openedAt;
        }

        int count() {
            return count.get();
        }

        /** Whether this is the first call. */
        boolean firstTime() {
            return !logged.get() && logged.compareAndSet(false, true);
        }
    }
}

package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** What clients have abandoned lately, by client and route. */
final class AbandonmentWindows {
    private final long lengthNanos;
    private final LongSupplier nanos;
    private final Cache<Visitor, Window> windows;

    /**
     * @param nanos tells the time as {@link System#nanoTime()} does
     */
    AbandonmentWindows(Duration length, int atMost, LongSupplier nanos) {
        this.lengthNanos = length.toNanos();
        this.nanos = nanos;
        this.windows = Caffeine.newBuilder()
                // from the first abandoned request on: later ones change a window, they do not write it anew
                .expireAfterWrite(length)
                .maximumSize(atMost)
                .ticker(nanos::getAsLong)
                // no clearing-up on threads of the common pool, whose tasks would be somebody's request
                .executor(Runnable::run)
                .build();
    }

    /** The window that is open for a visitor. */
    Optional<Window> find(Visitor visitor) {
        return Optional.ofNullable(windows.getIfPresent(visitor)).filter(it -> left(it) > 0);
    }

    /** Counts a request, and says where. */
    Window abandoned(Visitor visitor) {
        Window window = windows.get(visitor, it -> new Window(nanos.getAsLong()));
        window.count.incrementAndGet();
        return window;
    }

    /** A request that was counted was not abandoned. The next that is begins a window of its own, if this was the only one. */
    void takeBack(Visitor visitor, Window window) {
        if (window.count.decrementAndGet() == 0) {
            windows.asMap().remove(visitor, window);
        }
    }

    /** How long a window is still open, in nanoseconds. */
    long left(Window window) {
        return window.openedAt + lengthNanos - nanos.getAsLong();
    }

    long size() {
        windows.cleanUp();
        return windows.estimatedSize();
    }

    /** What one visitor has abandoned since it was opened. */
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

        /** Whether this is the first time that somebody asks. */
        boolean firstTime() {
            return !logged.get() && logged.compareAndSet(false, true);
        }
    }
}

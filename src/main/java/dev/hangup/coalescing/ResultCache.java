package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** A cache of results with a bounded time to live. */
final class ResultCache<K, V> {
    private static final System.Logger LOGGER = System.getLogger(ResultCache.class.getName());

    private final Duration time;
    private final LongSupplier nanos;
    private final Cache<K, Result<V>> results;

    ResultCache(Duration time, int maxWeight, ToIntFunction<? super V> weight) {
        this(time, maxWeight, weight, System::nanoTime);
    }

    /**
     * @param maxWeight the maximum total weight of the results
     * @param nanos     the clock, such as {@link System#nanoTime()}
     */
    ResultCache(Duration time, int maxWeight, ToIntFunction<? super V> weight, LongSupplier nanos) {
        this.time = time;
        this.nanos = nanos;
        this.results = Caffeine.newBuilder()
                .expireAfterWrite(time)
                .maximumWeight(maxWeight)
                // a result of weight zero would never be evicted for its size
                .weigher((K key, Result<V> result) -> Math.max(1, weight.applyAsInt(result.value)))
                .ticker(nanos::getAsLong)
                // no maintenance on the common pool, whose threads would inherit the context of a request
                .executor(Runnable::run)
                .build();
    }

    void put(K key, V value) {
        put(key, value, Duration.ZERO);
    }

    /**
     * Caches a result that another member of the cluster has already cached for some time, for its remaining time to live. If its
     * weight cannot be computed, the result is not cached. This is logged, and the result is still sent.
     */
    void put(K key, V value, Duration age) {
        try {
            results.put(key, new Result<>(value, nanos.getAsLong() - age.toNanos()));
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "A result was not cached", e);
        }
    }

    Optional<Result<V>> find(K key) {
        return Optional.ofNullable(results.getIfPresent(key)).filter(it -> age(it).compareTo(time) < 0);
    }

    /** Returns how long a result has been cached. */
    Duration age(Result<V> result) {
        return Duration.ofNanos(nanos.getAsLong() - result.storedAt);
    }

    /** Returns how long a result of that age remains cached. */
    Duration timeToLive(Duration age) {
        return time.minus(age).isNegative() ? Duration.ZERO : time.minus(age);
    }

    long size() {
        results.cleanUp();
        return results.estimatedSize();
    }

    /**
     * A result.
     *
     * @param storedAt the {@link System#nanoTime()} at which it was stored
     */
    record Result<V>(V value, long storedAt) {
    }
}

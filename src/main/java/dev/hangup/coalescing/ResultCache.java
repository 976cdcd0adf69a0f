package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** Results that are kept for a while. */
final class ResultCache<K, V> {
    private final Duration time;
    private final LongSupplier nanos;
    private final Cache<K, Result<V>> results;

    ResultCache(Duration time, int atMost, ToIntFunction<? super V> weight) {
        this(time, atMost, weight, System::nanoTime);
    }

    /**
     * @param atMost how much all results together may weigh
     * @param nanos  tells the time as {@link System#nanoTime()} does
     */
    ResultCache(Duration time, int atMost, ToIntFunction<? super V> weight, LongSupplier nanos) {
        this.time = time;
        this.nanos = nanos;
        this.results = Caffeine.newBuilder()
                .expireAfterWrite(time)
                .maximumWeight(atMost)
                // what weighs nothing would never be forgotten for want of room
                .weigher((K key, Result<V> result) -> Math.max(1, weight.applyAsInt(result.value)))
                .ticker(nanos::getAsLong)
                // no clearing-up on threads of the common pool, whose tasks would be somebody's request
                .executor(Runnable::run)
                .build();
    }

    void put(K key, V value) {
        results.put(key, new Result<>(value, nanos.getAsLong()));
    }

    Optional<Result<V>> find(K key) {
        return Optional.ofNullable(results.getIfPresent(key)).filter(it -> age(it).compareTo(time) < 0);
    }

    /** How long a result has been kept. */
    Duration age(Result<V> result) {
        return Duration.ofNanos(nanos.getAsLong() - result.storedAt);
    }

    /** How long a result of that age is still kept. */
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
     * @param storedAt when, as {@link System#nanoTime()} has it
     */
    record Result<V>(V value, long storedAt) {
    }
}

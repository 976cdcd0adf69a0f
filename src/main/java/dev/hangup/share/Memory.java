package dev.hangup.share;

import java.time.Duration;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** Results that are kept for a while. */
final class Memory<K, V> {
    private final Duration time;
    private final Cache<K, Result<V>> results;

    Memory(Duration time, int atMost) {
        this.time = time;
        this.results = Caffeine.newBuilder()
                .expireAfterWrite(time)
                .maximumSize(atMost)
                // no clearing-up on threads of the common pool, whose tasks would be somebody's request
                .executor(Runnable::run)
                .build();
    }

    void keep(K key, V value) {
        results.put(key, new Result<>(value, System.nanoTime()));
    }

    Optional<Result<V>> find(K key) {
        return Optional.ofNullable(results.getIfPresent(key)).filter(it -> it.age().compareTo(time) < 0);
    }

    /** How long a result is still kept, whole seconds. */
    long timeToLive(Result<V> result) {
        return Math.max(0, time.minus(result.age()).toSeconds());
    }

    long size() {
        results.cleanUp();
        return results.estimatedSize();
    }

    /** A result, {@code null} included. */
    record Result<V>(V value, long storedAt) {
        Duration age() {
            return Duration.ofNanos(System.nanoTime() - storedAt);
        }
    }
}

package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import dev.hangup.Deadline;

/** The calls of a route by their keys, and what is cached of those that have completed. */
final class SharedCalls<K, V> {
    private final CoalescedComputation<K, V> computation;
    private final Duration keepRunning;
    private final Optional<ResultCache<K, V>> cache;
    /** Those in the air. What has ended gets out of the way by itself, after its result was cached. */
    private final ConcurrentMap<K, SharedCall<V>> calls = new ConcurrentHashMap<>();

    SharedCalls(CoalescedComputation<K, V> computation, Duration keepRunning, Optional<ResultCache<K, V>> cache) {
        this.computation = computation;
        this.keepRunning = keepRunning;
        this.cache = cache;
    }

    /** Finds what somebody asks for who will leave at a deadline; begins a call if there is nothing yet. */
    Found<V> find(K key, Deadline deadline) {
        while (true) {
            Optional<ResultCache.Result<V>> cached = cached(key);
            if (cached.isPresent()) {
                return new Cached<>(cached.get());
            }
            SharedCall<V> call = calls.computeIfAbsent(key, this::newCall);
            if (call == null) {
                continue;
            }
            Optional<SharedCall<V>.Waiter> waiter = call.join(deadline);
            if (waiter.isPresent()) {
                return new InCall<>(waiter.get());
            }
            // whoever ended it may not have come to that
            calls.remove(key, call);
        }
    }

    /** Stops what nobody waits for, and nobody will. */
    void shutDown() {
        calls.values().forEach(SharedCall::shutDown);
    }

    int inCall() {
        return calls.size();
    }

    int waiting() {
        return calls.values().stream().mapToInt(SharedCall::waiting).sum();
    }

    /** A new one; {@code null} if the result of the one before was cached in the meantime. */
    private SharedCall<V> newCall(K key) {
        if (cached(key).isPresent()) {
            return null;
        }
        return new SharedCall<>("hangup-coalescing", keepRunning, () -> computation.compute(key), new SharedCall.Listener<>() {
            @Override
            public void completed(SharedCall<V> call, V value) {
                // in this order: nobody finds neither
                try {
                    cache(key, value);
                } finally {
                    calls.remove(key, call);
                }
            }

            @Override
            public void discarded(SharedCall<V> call) {
                calls.remove(key, call);
            }
        });
    }

    private Optional<ResultCache.Result<V>> cached(K key) {
        return cache.flatMap(it -> it.find(key));
    }

    private void cache(K key, V value) {
        // what is answered with 204 or 404 may be there the next time
        if (value != null && !Optional.empty().equals(value)) {
            cache.ifPresent(it -> it.put(key, value));
        }
    }

    /** What there is for one who asks. */
    sealed interface Found<V> {
    }

    /** A result. */
    record Cached<V>(ResultCache.Result<V> result) implements Found<V> {
    }

    /** A seat, which must be left. */
    record InCall<V>(SharedCall<V>.Waiter waiter) implements Found<V> {
    }
}

package dev.hangup.coalescing;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import dev.hangup.Deadline;

/** The shared calls of a route by key, and the cached results of completed calls. */
final class SharedCalls<K, V> {
    private final CoalescedComputation<K, V> computation;
    private final KeptCalls kept;
    private final Optional<ResultCache<K, V>> cache;
    /** The calls that have not ended. A call that has ended removes itself, after its result was cached. */
    private final ConcurrentMap<K, SharedCall<V>> calls = new ConcurrentHashMap<>();

    SharedCalls(CoalescedComputation<K, V> computation, KeptCalls kept, Optional<ResultCache<K, V>> cache) {
        this.computation = computation;
        this.kept = kept;
        this.cache = cache;
    }

    /** Finds the cached result or the call of a key, or else begins a call. */
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
                return new Joined<>(waiter.get());
            }
            // the thread that ended the call may not have removed it yet
            calls.remove(key, call);
        }
    }

    /** Cancels the calls without waiters. */
    void shutDown() {
        calls.values().forEach(SharedCall::shutDown);
    }

    int running() {
        return calls.size();
    }

    int waiting() {
        return calls.values().stream().mapToInt(SharedCall::waiting).sum();
    }

    /** Returns a new call; {@code null} if the result of the previous call was cached in the meantime. */
    private SharedCall<V> newCall(K key) {
        if (cached(key).isPresent()) {
            return null;
        }
        // cached first, then removed, so that every request finds one or the other
        return new SharedCall<>("hangup-coalescing", kept, () -> computation.compute(key), value -> cache(key, value),
                                call -> calls.remove(key, call));
    }

    Optional<ResultCache.Result<V>> cached(K key) {
        return cache.flatMap(it -> it.find(key));
    }

    private void cache(K key, V value) {
        // a value that gives 204 or 404 now may exist the next time
        if (value != null && !Optional.empty().equals(value)) {
            cache.ifPresent(it -> it.put(key, value));
        }
    }

    /** The cached result or the call that a request finds for its key. */
    sealed interface Found<V> {
    }

    /** A cached result. */
    record Cached<V>(ResultCache.Result<V> result) implements Found<V> {
    }

    /** A waiter of a call, which must be closed. */
    record Joined<V>(SharedCall<V>.Waiter waiter) implements Found<V> {
    }
}

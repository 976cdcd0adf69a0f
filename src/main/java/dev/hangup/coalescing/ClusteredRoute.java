package dev.hangup.coalescing;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

import dev.hangup.Deadline;
import dev.hangup.cluster.Codec;
import dev.hangup.internal.cluster.Answer;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;

import io.helidon.webserver.WebServer;

/** A route whose calls are shared by all members of a cluster: relays requests to the owner of a key, and answers those of others. */
final class ClusteredRoute<K, V> implements ClusterRoutes.Route {
    private static final byte[] NO_VALUE = {};

    private final String name;
    private final Codec<K> keys;
    private final Codec<V> results;
    private final SharedCalls<K, V> calls;
    private final Optional<ResultCache<K, V>> cache;
    /** Written by the thread that starts the server; {@code null} before, and where the route is on no server. */
    private volatile ClusterRoutes routes;

    ClusteredRoute(String name, Codec<K> keys, Codec<V> results, SharedCalls<K, V> calls, Optional<ResultCache<K, V>> cache) {
        this.name = name;
        this.keys = keys;
        this.results = results;
        this.calls = calls;
        this.cache = cache;
    }

    void afterStart(WebServer server) {
        ClusterRoutes of = ClusterRoutes.of(server);
        of.add(name, this);
        routes = of;
    }

    /**
     * Has the owner of the key answer, and caches its result for the time that is left.
     *
     * @return the result; empty if the request is to be computed here
     */
    Optional<Relayed<V>> relay(K key, Deadline deadline) throws InterruptedException, IOException {
        ClusterRoutes known = routes;
        Optional<Cluster> cluster = known == null ? Optional.empty() : known.cluster();
        if (cluster.isEmpty()) {
            return Optional.empty();
        }
        Optional<Answer> answer = cluster.get().relay(name, keys.encode(key), deadline);
        return answer.isEmpty() ? Optional.empty() : Optional.of(switch (answer.get()) {
        case Answer.Failure failure -> throw failure.exception();
        case Answer.Result result -> relayed(key, result);
        });
    }

    private Relayed<V> relayed(K key, Answer.Result result) throws IOException {
        return switch (result.kind()) {
        case NOTHING -> new Relayed<>(null, result.source(), result.age());
        case ABSENT -> new Relayed<>(Optional.empty(), result.source(), result.age());
        case VALUE -> {
            V value = results.decode(result.value());
            cache.ifPresent(it -> it.put(key, value, result.age()));
            yield new Relayed<>(value, result.source(), result.age());
        }
        };
    }

    @Override
    public Answer answer(byte[] encoded, Deadline deadline) throws InterruptedException {
        try {
            return switch (calls.find(keys.decode(encoded), deadline)) {
            case SharedCalls.Cached<V>(ResultCache.Result<V> result) ->
                    result(result.value(), Answer.Source.HIT, cache.orElseThrow().age(result));
            case SharedCalls.InCall<V>(SharedCall<V>.Waiter waiter) -> {
                try (waiter) {
                    yield result(waiter.await(), waiter.first() ? Answer.Source.MISS : Answer.Source.COLLAPSED, Duration.ZERO);
                }
            }
            };
        } catch (ExecutionException e) {
            return Answer.Failure.of(e.getCause());
        } catch (IOException e) {
            return Answer.Failure.of(e);
        }
    }

    private Answer.Result result(V value, Answer.Source source, Duration age) {
        return switch (value) {
        case null -> new Answer.Result(Answer.Kind.NOTHING, NO_VALUE, source, age);
        case Optional<?> optional when optional.isEmpty() -> new Answer.Result(Answer.Kind.ABSENT, NO_VALUE, source, age);
        default -> new Answer.Result(Answer.Kind.VALUE, results.encode(value), source, age);
        };
    }

    /**
     * A result of another member.
     *
     * @param value the value; {@code null} or an empty {@link Optional} as the computation has returned it
     */
    record Relayed<V>(Object value, Answer.Source source, Duration age) {
    }
}

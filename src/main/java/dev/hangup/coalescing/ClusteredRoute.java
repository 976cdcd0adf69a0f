package dev.hangup.coalescing;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

import dev.hangup.Deadline;
import dev.hangup.cluster.Codec;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.internal.cluster.Relay;
import dev.hangup.internal.cluster.RelayResponse;
import dev.hangup.internal.cluster.RelayResponse.Source;
import dev.hangup.internal.race.Current;
import dev.hangup.internal.race.WorkContext;

import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;

/**
 * A route whose calls are shared by all members of a cluster.
 * <p>
 * The requests of this member that wait for a key of another member share a call, too. Its computation is the relay: one
 * connection for each key, which is closed when the last of these requests has left. Calls that relay are kept apart from calls
 * that compute, so that a request that was relayed to this member is never relayed again. Otherwise two members that consider
 * each other the owner would wait for each other.
 */
final class ClusteredRoute<K, V> implements ClusterRoutes.Route {
    private static final System.Logger LOGGER = System.getLogger(ClusteredRoute.class.getName());
    private static final byte[] NO_VALUE = {};

    private final String name;
    private final Codec<K> keys;
    private final Codec<V> results;
    private final SharedCalls<K, V> calls;
    private final Optional<ResultCache<K, V>> cache;
    private final SharedCalls<K, Relayed> relayCalls = new SharedCalls<>(this::computeAtOwner, KeptCalls.none(), Optional.empty());
    /**
     * The relays of this member's requests in flight, by shared call; each is added and removed by the thread of its call. Not by
     * key: a call that was abandoned may still be running when the next one for its key has begun.
     */
    private final ConcurrentMap<WorkContext, Relay> relays = new ConcurrentHashMap<>();
    /** The waiters of requests of other members; each is added and removed by the thread of its request. */
    private final ConcurrentMap<String, SharedCall<V>.Waiter> waiters = new ConcurrentHashMap<>();
    /** Those of the servers that the route is registered with. Each is added by the thread that starts its server. */
    private final List<ClusterRoutes> servers = new CopyOnWriteArrayList<>();

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
        servers.removeIf(it -> it == of || it.cluster().filter(Cluster::hasLeft).isPresent());
        servers.add(of);
    }

    void shutDown() {
        relayCalls.shutDown();
    }

    int waiting() {
        return relayCalls.waiting();
    }

    /** Whether another member owns the key. */
    boolean isElsewhere(K key) {
        return cluster().map(it -> !it.owns(name, keys.encode(key))).orElse(false);
    }

    /** Returns a cluster that one of the servers is a member of, or else one that such a server has left and still relays to. */
    private Optional<Cluster> cluster() {
        Optional<Cluster> found = Optional.empty();
        for (ClusterRoutes server : servers) {
            Optional<Cluster> cluster = server.cluster();
            if (cluster.isPresent()) {
                found = cluster;
                if (!cluster.get().hasLeft()) {
                    break;
                }
            }
        }
        return found;
    }

    /** Joins the requests of this member that wait for the key's owner. The waiter must be closed. */
    SharedCall<Relayed>.Waiter relay(K key, Deadline deadline) {
        SharedCall<Relayed>.Waiter waiter = switch (relayCalls.find(key, deadline)) {
        case SharedCalls.Joined<Relayed>(SharedCall<Relayed>.Waiter joined) -> joined;
        case SharedCalls.Cached<Relayed> cached -> throw new IllegalStateException("Relays are not cached: " + cached);
        };
        Relay relay = relays.get(waiter.call());
        if (relay != null) {
            try {
                relay.extend(deadline);
            } catch (RuntimeException | Error e) {
                waiter.close();
                throw e;
            }
        }
        return waiter;
    }

    /** Requests the result from the owner, on the thread of the shared call. */
    private Relayed computeAtOwner(K key) throws Exception {
        Relay relay = new Relay();
        WorkContext call = Current.context();
        relays.put(call, relay);
        try {
            Optional<RelayResponse> response = cluster().orElseThrow()
                    .relay(name, keys.encode(key), relay, () -> Deadline.current().orElseThrow());
            return response.isEmpty() ? computeHere(key, relay) : switch (response.get()) {
            case RelayResponse.Failure failure -> throw failure.exception();
            case RelayResponse.Result result -> decoded(key, result);
            case RelayResponse.Unsendable ignored -> computeHere(key, relay);
            };
        } finally {
            relay.end();
            relays.remove(call);
        }
    }

    private Relayed computeHere(K key, Relay relay) throws Exception {
        return switch (calls.find(key, Deadline.current().orElseThrow())) {
        case SharedCalls.Cached<V>(ResultCache.Result<V> result) ->
                new Relayed(result.value(), Source.HIT, cache.orElseThrow().age(result));
        case SharedCalls.Joined<V>(SharedCall<V>.Waiter waiter) -> {
            try {
                waiter.extend(relay.target(later -> {
                    waiter.extend(later);
                    return true;
                }, () -> Deadline.current().orElseThrow()));
            } catch (RuntimeException | Error e) {
                waiter.close();
                throw e;
            }
            yield new Relayed(Coalescing.await(waiter), waiter.first ? Source.MISS : Source.COLLAPSED, Duration.ZERO);
        }
        };
    }

    private Relayed decoded(K key, RelayResponse.Result result) throws IOException {
        Object value = switch (result.kind()) {
        case NOTHING -> null;
        case ABSENT -> Optional.empty();
        case VALUE -> {
            V decoded = results.decode(result.value());
            cache.ifPresent(it -> it.put(key, decoded, result.age()));
            yield decoded;
        }
        };
        return new Relayed(value, result.source(), result.age());
    }

    @Override
    public RelayResponse respond(String id, byte[] encoded, Deadline deadline, Duration goneAfter) throws InterruptedException {
        try {
            return switch (calls.find(keys.decode(encoded), deadline)) {
            case SharedCalls.Cached<V>(ResultCache.Result<V> result) ->
                    result(result.value(), Source.HIT, cache.orElseThrow().age(result));
            case SharedCalls.Joined<V>(SharedCall<V>.Waiter waiter) -> {
                try (waiter) {
                    waiters.put(id, waiter);
                    yield result(waiter.await(goneAfter), waiter.first ? Source.MISS : Source.COLLAPSED, Duration.ZERO);
                } finally {
                    waiters.remove(id);
                }
            }
            };
        } catch (ExecutionException e) {
            return RelayResponse.Failure.of(e.getCause());
        } catch (TimeoutException e) {
            // a live member closes the connection at the deadline; one that is merely late gets a 503 and asks another member
            throw new HttpException("The deadline of the relayed request has passed, and its member seems to be gone",
                                    Status.SERVICE_UNAVAILABLE_503, e);
        } catch (IOException e) {
            return RelayResponse.Failure.of(e);
        }
    }

    @Override
    public boolean extend(String id, Deadline deadline) {
        SharedCall<V>.Waiter waiter = waiters.get(id);
        if (waiter != null) {
            waiter.extend(deadline);
        }
        return waiter != null;
    }

    @Override
    public int owned() {
        return calls.running();
    }

    @Override
    public int relayed() {
        return relayCalls.running();
    }

    private RelayResponse result(V value, Source source, Duration age) {
        return switch (value) {
        case null -> new RelayResponse.Result(RelayResponse.Kind.NOTHING, NO_VALUE, source, age);
        case Optional<?> optional when optional.isEmpty() ->
                new RelayResponse.Result(RelayResponse.Kind.ABSENT, NO_VALUE, source, age);
        default -> encoded(value, source, age);
        };
    }

    /**
     * Returns a response even if the value cannot be encoded: otherwise the caller would have every other member compute the key.
     */
    private RelayResponse encoded(V value, Source source, Duration age) {
        try {
            byte[] bytes = Objects.requireNonNull(results.encode(value), "The codec has returned null");
            return new RelayResponse.Result(RelayResponse.Kind.VALUE, bytes, source, age);
        } catch (Throwable e) {
            LOGGER.log(System.Logger.Level.WARNING, "A result of the route " + name + " cannot be encoded for another member,"
                    + " which therefore computes it itself", e);
            return new RelayResponse.Unsendable();
        }
    }

    /**
     * A result of a key that another member owns.
     *
     * @param value the value, {@code null}, or an empty {@link Optional}
     */
    record Relayed(Object value, Source source, Duration age) {
    }
}

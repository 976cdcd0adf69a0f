package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToIntFunction;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.cluster.Codec;
import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;
import dev.hangup.internal.race.Current;
import dev.hangup.internal.race.OffThreadTask;

import io.helidon.config.Config;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * A handler that coalesces requests: concurrent requests with the same key wait for one computation. Its result may be cached
 * for a while, for instance for the retry of a client that left too early.
 * <pre>{@code
 * record Query(String user, String text) { }
 *
 * routing.get("/search", Coalescing.<Query, Result>builder()
 *         .key(request -> new Query(user(request), request.query().get("text")))
 *         .computing(query -> index.search(query))
 *         .cacheFor(Duration.ofSeconds(10))
 *         .build());
 * }</pre>
 * Each request runs under Hangup as with {@link Hangup#cancellable}: it is cancelled when its own client has left, or at its
 * own deadline. The computation goes on as long as any request waits for it. Its deadline is the latest that the server sets for
 * these requests; a time that a client asks for ends only its own request. It is interrupted when the last request has left
 * and no other has joined within {@code keep-running}, when more than {@code max-kept-running} computations run
 * without waiting requests and its last request left first, or at once when the server stops. A failure is passed to all waiting
 * requests, and is not cached.
 * <p>
 * <b>Keys.</b> Requests with equal keys get the same response. A key must therefore hold everything that the response depends
 * on. If it depends on the user, the key holds the user as authenticated, not as named by a header. Use a record of the parts,
 * not a concatenated string ({@code "a" + "bc"} is {@code "ab" + "c"}). Two routes share nothing unless they use the same
 * {@code Coalescing} as their handler. A key must be immutable, and is kept as long as the result. For data of unbounded size,
 * such as a body, put a digest into the key.
 * <p>
 * The header {@code Cache-Status} (RFC 9211) of the response says where it came from: {@code fwd=miss} for the request that
 * started the computation, {@code collapsed} for requests that joined it, {@code hit} and {@code ttl} for a cached result,
 * without {@code ttl} if only another member of a cluster caches. A cached result has the header {@code Age} (RFC 9111), too.
 *
 * @param <K> the type of the keys; implements {@code equals} and {@code hashCode}
 * @param <V> the type of the results
 */
public final class Coalescing<K, V> implements Handler {
    private static final HeaderName CACHE_STATUS = HeaderNames.create("Cache-Status");
    private static final String HIT = "hangup; hit";
    private static final String MISS = "hangup; fwd=miss";
    private static final String COLLAPSED = MISS + "; collapsed";

    private final Function<ServerRequest, K> keyOf;
    private final Optional<ResultCache<K, V>> cache;
    private final SharedCalls<K, V> calls;
    private final Optional<ClusteredRoute<K, V>> clustered;
    /** Set by the builder. */
    private Handler handler;
    private final LongAdder computed = new LongAdder();
    private final LongAdder coalesced = new LongAdder();
    private final LongAdder cacheHits = new LongAdder();
    private final LongAdder relayed = new LongAdder();

    private Coalescing(Builder<K, V> builder) {
        this.keyOf = Objects.requireNonNull(builder.keyOf, "key must be given");
        this.cache = builder.cacheFor.isZero()
                ? Optional.empty()
                : Optional.of(new ResultCache<>(builder.cacheFor, builder.cacheSize, builder.weight));
        this.calls = new SharedCalls<>(Objects.requireNonNull(builder.computation, "computing must be given"),
                                       new KeptCalls(builder.keepRunning, builder.maxKeptRunning), cache);
        // no lambdas for it: they would load the classes of the cluster
        this.clustered = builder.name.isEmpty()
                ? Optional.empty()
                : Optional.of(new ClusteredRoute<>(builder.name.get(), builder.keys, builder.results, calls, cache));
    }

    /**
     * Returns a builder; {@link Builder#key} and {@link Builder#computing} must be set.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the results
     * @return a builder without {@code keep-running} and without a cache
     */
    public static <K, V> Builder<K, V> builder() {
        return new Builder<>();
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        handler.handle(request, response);
    }

    @Override
    public void afterStart(WebServer server) {
        if (clustered.isPresent()) {
            clustered.get().afterStart(server);
        }
    }

    /** Cancels the computations that no request waits for. */
    @Override
    public void afterStop() {
        calls.shutDown();
        if (clustered.isPresent()) {
            clustered.get().shutDown();
        }
    }

    /** {@return the number of running computations, with or without waiting requests; may be out of date} */
    public int running() {
        return calls.running();
    }

    /**
     * {@return the number of requests that wait for computations, here or on another member of the cluster; may be out of date} All
     * requests of one other member that wait for the same computation here count as one.
     */
    public int waiting() {
        return calls.waiting() + (clustered.isPresent() ? clustered.get().waiting() : 0);
    }

    /** {@return the number of cached results; may be out of date} */
    public long cached() {
        return cache.map(ResultCache::size).orElse(0L);
    }

    /** {@return the number of requests that have started a computation; never decreases} */
    public long computed() {
        return computed.sum();
    }

    /** {@return the number of requests that have joined a computation that another request had started; never decreases} */
    public long coalesced() {
        return coalesced.sum();
    }

    /** {@return the number of requests that got a cached result; never decreases} */
    public long cacheHits() {
        return cacheHits.sum();
    }

    /** {@return the number of requests that got a result of a key that another member of the cluster owns; never decreases} */
    public long relayed() {
        return relayed.sum();
    }

    private void respond(ServerRequest request, ServerResponse response) throws Exception {
        // not the deadline that this client asks for: other requests may join the computation
        Deadline deadline = Optional.ofNullable(Current.context().serverDeadline()).orElseThrow();
        K key = Objects.requireNonNull(keyOf.apply(request), "The key of a request must not be null");
        if (clustered.isPresent() && clustered.get().isElsewhere(key) && calls.cached(key).isEmpty()) {
            respondWithRelayed(clustered.get().relay(key, deadline), response);
            return;
        }
        switch (calls.find(key, deadline)) {
        case SharedCalls.Cached<V>(ResultCache.Result<V> result) -> {
            Duration age = cache.orElseThrow().age(result);
            cacheHits.increment();
            cached(age, response);
            send(result.value(), response);
        }
        case SharedCalls.Joined<V>(SharedCall<V>.Waiter waiter) -> {
            (waiter.first ? computed : coalesced).increment();
            V value = await(waiter);
            response.header(CACHE_STATUS, waiter.first ? MISS : COLLAPSED);
            send(value, response);
        }
        }
    }

    private void respondWithRelayed(SharedCall<ClusteredRoute.Relayed>.Waiter waiter, ServerResponse response) throws Exception {
        ClusteredRoute.Relayed result = await(waiter);
        relayed.increment();
        switch (result.source()) {
        case HIT -> cached(result.age(), response);
        case COLLAPSED -> response.header(CACHE_STATUS, COLLAPSED);
        case MISS -> response.header(CACHE_STATUS, waiter.first ? MISS : COLLAPSED);
        }
        send(result.value(), response);
    }

    /** Only the member that caches the result knows for how long. If this member has no cache, that is another member. */
    private void cached(Duration age, ServerResponse response) {
        response.header(HeaderNames.AGE, String.valueOf(age.toSeconds()));
        response.header(CACHE_STATUS, HIT + cache.map(it -> "; ttl=" + it.timeToLive(age).toSeconds()).orElse(""));
    }

    static <V> V await(SharedCall<V>.Waiter waiter) throws Exception {
        try (waiter) {
            return waiter.await();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException) {
                // the request itself was not interrupted
                throw new IllegalStateException("A shared computation threw InterruptedException", e.getCause());
            }
            return OffThreadTask.rethrow(e.getCause());
        }
    }

    private static void send(Object value, ServerResponse response) {
        switch (value) {
        case null -> response.status(Status.NO_CONTENT_204).send();
        case Optional<?> optional -> response.send(optional);
        default -> response.send(value);
        }
    }

    /**
     * Builds a {@link Coalescing}.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the results
     */
    public static final class Builder<K, V> implements io.helidon.common.Builder<Builder<K, V>, Coalescing<K, V>> {
        private static final Set<String> KEYS = Set.of("deadline", "keep-running", "max-kept-running", "cache-for",
                                                       "cache-size");
        private static final Duration HOUR = Duration.ofHours(1);
        private static final Duration DAY = Duration.ofDays(1);
        private static final int MAX = 10_000_000;
        private static final int MAX_KEPT = 10_000;

        private Function<ServerRequest, K> keyOf;
        private CoalescedComputation<K, V> computation;
        private Optional<Duration> deadline = Optional.empty();
        private Duration keepRunning = Duration.ZERO;
        private int maxKeptRunning = 16;
        private Duration cacheFor = Duration.ZERO;
        private int cacheSize = 1000;
        private ToIntFunction<? super V> weight = result -> 1;
        /** The name in the cluster; the codecs are set with it. */
        private Optional<String> name = Optional.empty();
        private Codec<K> keys;
        private Codec<V> results;
        /** Checks the values, and names each key as in the configuration that it comes from. */
        private ConfigBounds bounds = ConfigBounds.of(Optional.empty());

        private Builder() {
        }

        /**
         * Sets the function that computes the key of a request.
         *
         * @param keyOf computes the key, on the request's thread; its exceptions are passed to the error handlers
         * @return this builder
         */
        public Builder<K, V> key(Function<ServerRequest, K> keyOf) {
            this.keyOf = Objects.requireNonNull(keyOf);
            return this;
        }

        /**
         * Sets the computation.
         *
         * @param computation computes the result of a key
         * @return this builder
         */
        public Builder<K, V> computing(CoalescedComputation<K, V> computation) {
            this.computation = Objects.requireNonNull(computation);
            return this;
        }

        /**
         * Sets the deadline of each request, instead of the server's. Config key {@code deadline}.
         *
         * @param deadline counted from the end of the request's headers; one millisecond to one day
         * @return this builder
         */
        public Builder<K, V> deadline(Duration deadline) {
            bounds.within("deadline", deadline, Duration.ofMillis(1), DAY);
            this.deadline = Optional.of(deadline);
            return this;
        }

        /**
         * Sets how long a computation goes on without waiting requests, in case a client retries. The default is zero. Config
         * key {@code keep-running}.
         *
         * @param keepRunning zero to one hour
         * @return this builder
         */
        public Builder<K, V> keepRunning(Duration keepRunning) {
            bounds.within("keep-running", keepRunning, Duration.ZERO, HOUR);
            this.keepRunning = keepRunning;
            return this;
        }

        /**
         * Sets the maximum number of computations that go on without waiting requests ({@link #keepRunning}). If one more loses its
         * last request, the one that lost its last request first is interrupted. Nothing else bounds them: neither a permit nor the
         * deadline of a request. The default is 16. Config key {@code max-kept-running}.
         *
         * @param computations 1 to 10,000
         * @return this builder
         */
        public Builder<K, V> maxKeptRunning(int computations) {
            bounds.within("max-kept-running", computations, 1, MAX_KEPT);
            this.maxKeptRunning = computations;
            return this;
        }

        /**
         * Sets how long a result is cached. Exceptions, and results that give status 204 or 404, are not cached. The default is
         * zero: no result is cached. Config key {@code cache-for}.
         *
         * @param cacheFor zero to one day
         * @return this builder
         */
        public Builder<K, V> cacheFor(Duration cacheFor) {
            bounds.within("cache-for", cacheFor, Duration.ZERO, DAY);
            this.cacheFor = cacheFor;
            return this;
        }

        /**
         * Sets the maximum number of cached results, or their maximum total weight. The least used results are evicted first.
         * The default is 1000. Config key {@code cache-size}.
         *
         * @param results 1 to 10,000,000
         * @return this builder
         */
        public Builder<K, V> cacheSize(int results) {
            bounds.within("cache-size", results, 1, MAX);
            this.cacheSize = results;
            return this;
        }

        /**
         * Sets the function that weighs a result, for results of very different sizes: {@code bytes -> bytes.length / 1024}
         * makes {@code cache-size} a number of kibibytes. By default, each result weighs 1. A result heavier than the maximum
         * total weight is not cached.
         *
         * @param weight the weight of a result; a value below 1 counts as 1. If it throws, the result is not cached, but is
         *               still sent
         * @return this builder
         */
        public Builder<K, V> weighing(ToIntFunction<? super V> weight) {
            this.weight = Objects.requireNonNull(weight);
            return this;
        }

        /**
         * Shares the computations and cached results with the other members of the {@linkplain dev.hangup.cluster cluster} that
         * the server is a member of. Without a cluster, this has no effect. Exceptions and results that another member has sent
         * are new instances.
         *
         * @param name    name of the route, the same on all members, and unique in the server; letters, digits, dashes, dots and
         *                underscores
         * @param keys    encodes the keys
         * @param results encodes the results, except {@code null} and empty ones
         * @return this builder
         */
        public Builder<K, V> clustered(String name, Codec<K> keys, Codec<V> results) {
            if (!name.matches("[\\w.-]+")) {
                throw new IllegalArgumentException("The name of a clustered route contains characters that are not allowed: "
                                                           + name);
            }
            this.name = Optional.of(name);
            this.keys = Objects.requireNonNull(keys);
            this.results = Objects.requireNonNull(results);
            return this;
        }

        /**
         * Sets {@code deadline}, {@code keep-running}, {@code max-kept-running}, {@code cache-for} and {@code cache-size} from
         * configuration.
         *
         * @param config the node that has these keys; settings without a key are unchanged
         * @return this builder
         * @throws io.helidon.config.ConfigException if a value cannot be read or is out of range; the message names the key
         */
        public Builder<K, V> config(Config config) {
            bounds = ConfigBounds.of(Optional.of(config), KEYS);
            config.get("deadline").as(ConfigNode::duration).ifPresent(this::deadline);
            config.get("keep-running").as(ConfigNode::duration).ifPresent(this::keepRunning);
            config.get("max-kept-running").asInt().ifPresent(this::maxKeptRunning);
            config.get("cache-for").as(ConfigNode::duration).ifPresent(this::cacheFor);
            config.get("cache-size").asInt().ifPresent(this::cacheSize);
            bounds = ConfigBounds.of(Optional.empty());
            return this;
        }

        /**
         * Builds the handler.
         *
         * @return a handler for a route
         * @throws NullPointerException if the key or the computation is missing
         */
        @Override
        public Coalescing<K, V> build() {
            Coalescing<K, V> built = new Coalescing<>(this);
            built.handler = deadline.map(it -> Hangup.cancellable(it, built::respond))
                    .orElseGet(() -> Hangup.cancellable(built::respond));
            return built;
        }
    }
}

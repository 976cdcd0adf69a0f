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
import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.config.Config;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The handler of a route whose requests share answers: those who ask for the same at the same time wait for one
 * computation, and its result may be kept for a while, for the retry of a client that has left too early.
 * <pre>{@code
 * record Query(String user, String text) { }
 *
 * routing.get("/search", Coalescing.<Query, Result>builder()
 *         .key(request -> new Query(user(request), request.query().get("text")))
 *         .computing(query -> index.search(query))
 *         .cacheFor(Duration.ofSeconds(10))
 *         .build());
 * }</pre>
 * Each request runs under Hangup as with {@link Hangup#cancellable}: it is stopped when its own client has left, or at its own
 * deadline. The computation goes on as long as anybody waits for it. When the last one has left, and none has come back
 * within {@code keep-running}, it is interrupted; at once when the server stops. A failure goes to all who wait, and is not kept.
 * <p>
 * <b>Keys.</b> Whoever asks with the same key gets the same answer. So a key holds all that the answer depends on: where it
 * depends on the user, the user, as your authentication knows them and not as a header claims. Make it a record of the parts,
 * not a string put together from them ({@code "a" + "bc"} is {@code "ab" + "c"}). Two routes share nothing, unless they
 * have the same {@code Coalescing} as their handler. A key must not change, and is kept as long as the answer: of what may be of
 * any length, such as a body, put a digest into it.
 * <p>
 * The answer says where it came from with {@code Cache-Status} (RFC 9211: {@code fwd=miss} for the one that had it
 * computed, {@code collapsed} for those who waited for the same, {@code hit} and {@code ttl} where it was cached) and,
 * where it was cached, {@code Age} (RFC 9111).
 *
 * @param <K> what requests have in common that want the same; with {@code equals} and {@code hashCode}
 * @param <V> what is computed
 */
public final class Coalescing<K, V> implements Handler {
    private static final HeaderName CACHE_STATUS = HeaderNames.create("Cache-Status");

    private final Function<ServerRequest, K> keyOf;
    private final Optional<ResultCache<K, V>> cache;
    private final SharedCalls<K, V> calls;
    /** Set by the builder. */
    private Handler handler;
    private final LongAdder computed = new LongAdder();
    private final LongAdder coalesced = new LongAdder();
    private final LongAdder cacheHits = new LongAdder();

    private Coalescing(Builder<K, V> builder) {
        this.keyOf = Objects.requireNonNull(builder.keyOf, "key must be given");
        this.cache = builder.cacheFor.isZero()
                ? Optional.empty()
                : Optional.of(new ResultCache<>(builder.cacheFor, builder.cacheSize, builder.weight));
        this.calls = new SharedCalls<>(Objects.requireNonNull(builder.computation, "computing must be given"),
                                       builder.keepRunning, cache);
    }

    /**
     * A builder; {@link Builder#key} and {@link Builder#computing} must be set.
     *
     * @param <K> what requests have in common that want the same
     * @param <V> what is computed
     * @return a builder that neither lingers nor caches
     */
    public static <K, V> Builder<K, V> builder() {
        return new Builder<>();
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        handler.handle(request, response);
    }

    /** Stops the computations that linger. */
    @Override
    public void afterStop() {
        calls.shutDown();
    }

    /**
     * How many computations are being waited for, or lingered for.
     *
     * @return a number that may be out of date
     */
    public int inCall() {
        return calls.inCall();
    }

    /**
     * How many requests wait for computations.
     *
     * @return a number that may be out of date
     */
    public int waiting() {
        return calls.waiting();
    }

    /**
     * How many results are cached.
     *
     * @return a number that may be out of date
     */
    public long cached() {
        return cache.map(ResultCache::size).orElse(0L);
    }

    /**
     * How many requests have begun a computation.
     *
     * @return a number that grows
     */
    public long computed() {
        return computed.sum();
    }

    /**
     * How many requests have joined a computation that another one had begun.
     *
     * @return a number that grows
     */
    public long coalesced() {
        return coalesced.sum();
    }

    /**
     * How many requests were answered with a result that was cached.
     *
     * @return a number that grows
     */
    public long cacheHits() {
        return cacheHits.sum();
    }

    private void answer(ServerRequest request, ServerResponse response) throws Exception {
        K key = Objects.requireNonNull(keyOf.apply(request), "The key of a request must not be null");
        switch (calls.find(key, Deadline.current().orElseThrow())) {
        case SharedCalls.Cached<V>(ResultCache.Result<V> result) -> {
            Duration age = cache.orElseThrow().age(result);
            cacheHits.increment();
            response.header(HeaderNames.AGE, String.valueOf(age.toSeconds()));
            response.header(CACHE_STATUS, "hangup; hit; ttl=" + cache.orElseThrow().timeToLive(age).toSeconds());
            send(result.value(), response);
        }
        case SharedCalls.InCall<V>(SharedCall<V>.Waiter waiter) -> {
            (waiter.first() ? computed : coalesced).increment();
            V value = await(waiter);
            response.header(CACHE_STATUS, waiter.first() ? "hangup; fwd=miss" : "hangup; fwd=miss; collapsed");
            send(value, response);
        }
        }
    }

    private static <V> V await(SharedCall<V>.Waiter waiter) throws Exception {
        try (waiter) {
            return waiter.await();
        } catch (ExecutionException e) {
            throw thrown(e.getCause());
        }
    }

    private static void send(Object value, ServerResponse response) {
        switch (value) {
        case null -> response.status(Status.NO_CONTENT_204).send();
        case Optional<?> optional -> response.send(optional);
        default -> response.send(value);
        }
    }

    private static Exception thrown(Throwable cause) {
        return switch (cause) {
        // nobody has interrupted the request
        case InterruptedException e -> new IllegalStateException("A shared computation says that it was interrupted", e);
        case Exception e -> e;
        case Error e -> throw e;
        default -> new IllegalStateException(cause);
        };
    }

    /**
     * Builds a {@link Coalescing}.
     *
     * @param <K> what requests have in common that want the same
     * @param <V> what is computed
     */
    public static final class Builder<K, V> implements io.helidon.common.Builder<Builder<K, V>, Coalescing<K, V>> {
        private static final Set<String> KEYS = Set.of("deadline", "keep-running", "cache-for", "cache-size");
        private static final Duration HOUR = Duration.ofHours(1);
        private static final Duration DAY = Duration.ofDays(1);
        private static final int MAX = 10_000_000;

        private Function<ServerRequest, K> keyOf;
        private CoalescedComputation<K, V> computation;
        private Optional<Duration> deadline = Optional.empty();
        private Duration keepRunning = Duration.ZERO;
        private Duration cacheFor = Duration.ZERO;
        private int cacheSize = 1000;
        private ToIntFunction<? super V> weight = result -> 1;
        /** Of what is set: names the keys as they are where they come from. */
        private ConfigBounds bounds = ConfigBounds.of(Optional.empty());

        private Builder() {
        }

        /**
         * What requests have in common that want the same.
         *
         * @param keyOf takes it from a request; what it throws goes to the error handlers. Called on the request's thread
         * @return this builder
         */
        public Builder<K, V> key(Function<ServerRequest, K> keyOf) {
            this.keyOf = Objects.requireNonNull(keyOf);
            return this;
        }

        /**
         * What is computed.
         *
         * @param computation gets the key
         * @return this builder
         */
        public Builder<K, V> computing(CoalescedComputation<K, V> computation) {
            this.computation = Objects.requireNonNull(computation);
            return this;
        }

        /**
         * How long each request may wait, instead of the server's deadline. Config key {@code deadline}.
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
         * How long a computation goes on that nobody waits for, in case somebody comes back. None by default. Config key
         * {@code keep-running}.
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
         * How long a result is kept; that of a computation that threw, or found nothing, is not. Zero by default: results
         * are not kept. Config key {@code cache-for}.
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
         * How many results are kept, or what they may weigh together; those that are asked for least are forgotten first.
         * 1000 by default. Config key {@code cache-size}.
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
         * What a result weighs, for results of very different sizes: {@code bytes -> bytes.length / 1024} makes
         * {@code cache-size} a number of kilobytes. Each weighs 1 by default. What weighs more than all may together is
         * not kept.
         *
         * @param weight of a result; less than 1 counts as 1. What it throws costs the result its place, nobody its answer
         * @return this builder
         */
        public Builder<K, V> weighing(ToIntFunction<? super V> weight) {
            this.weight = Objects.requireNonNull(weight);
            return this;
        }

        /**
         * Takes {@code deadline}, {@code keep-running}, {@code cache-for} and {@code cache-size} from configuration.
         *
         * @param config located at the node that has them; what is not there stays as it is
         * @return this builder
         * @throws io.helidon.config.ConfigException naming the key of what cannot be read or is out of range
         */
        public Builder<K, V> config(Config config) {
            bounds = ConfigBounds.of(Optional.of(config), KEYS);
            config.get("deadline").as(ConfigNode::duration).ifPresent(this::deadline);
            config.get("keep-running").as(ConfigNode::duration).ifPresent(this::keepRunning);
            config.get("cache-for").as(ConfigNode::duration).ifPresent(this::cacheFor);
            config.get("cache-size").asInt().ifPresent(this::cacheSize);
            bounds = ConfigBounds.of(Optional.empty());
            return this;
        }

        /**
         * The handler.
         *
         * @return a handler for a route
         * @throws NullPointerException if the key or the computation is missing
         */
        @Override
        public Coalescing<K, V> build() {
            Coalescing<K, V> built = new Coalescing<>(this);
            built.handler = deadline.map(it -> Hangup.cancellable(it, built::answer))
                    .orElseGet(() -> Hangup.cancellable(built::answer));
            return built;
        }
    }
}

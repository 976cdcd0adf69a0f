package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;

import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.abandonment.ClientKey;

import io.helidon.webserver.http.ServerRequest;

/**
 * Refuses clients that abandon too many requests on a route: until the window has passed in which they did, they get 429
 * with {@code Retry-After}, before any work begins for them. Off by default.
 * <p>
 * A request is abandoned if its outcome is {@link dev.hangup.outcome.Outcome#DISCONNECTED}: while its work went on, its client
 * left, or reset its HTTP/2 stream. Nothing else counts; in particular not who leaves a queue for a concurrency permit.
 * <p>
 * It takes memory for {@code max-clients} at most, however many there are.
 */
public final class AbandonmentLimiter {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");
    private static final Admission FREE = new Admission(0, () -> { });

    private final AbandonmentMode mode;
    private final int abandoned;
    private final ClientKey client;
    private final AbandonmentWindows windows;
    private final LongAdder refused = new LongAdder();

    /**
     * Remembers nobody yet.
     *
     * @param mode       what becomes of those who are refused
     * @param abandoned  how many requests a client may abandon on a route within the window
     * @param window     how long its abandoned requests are counted together, from the first; positive
     * @param maxClients how many clients are remembered, each once for every route; positive
     * @param client     who a request's client is
     */
    public AbandonmentLimiter(AbandonmentMode mode, int abandoned, Duration window, int maxClients, ClientKey client) {
        this(mode, abandoned, window, maxClients, client, System::nanoTime);
    }

    AbandonmentLimiter(AbandonmentMode mode, int abandoned, Duration window, int maxClients, ClientKey client,
                       LongSupplier nanos) {
        this.mode = Objects.requireNonNull(mode);
        this.abandoned = abandoned;
        this.client = Objects.requireNonNull(client);
        this.windows = new AbandonmentWindows(window, maxClients, nanos);
    }

    /**
     * Refuses nobody.
     *
     * @return one that counts nothing
     */
    public static AbandonmentLimiter off() {
        return new AbandonmentLimiter(AbandonmentMode.OFF, 1, Duration.ofSeconds(1), 1, ClientKey.address());
    }

    /**
     * A request comes.
     *
     * @param request the request
     * @param route   what its route is known by, the same object for all its requests
     * @param text    names a request in the log, on one line whatever its client has sent
     * @return what to do with it
     */
    public Admission admit(ServerRequest request, Object route, Function<ServerRequest, String> text) {
        if (mode == AbandonmentMode.OFF) {
            return FREE;
        }
        Optional<String> key = client.of(request);
        if (key.isEmpty()) {
            return FREE;
        }
        AbandonmentWindows.Visitor visitor = new AbandonmentWindows.Visitor(key.get(), route);
        long left = windows.find(visitor)
                .filter(it -> it.count() > abandoned)
                .map(it -> refusal(it, request, text))
                .orElse(0L);
        return new Admission(left, () -> windows.abandoned(visitor));
    }

    /**
     * How many requests were refused.
     *
     * @return a number that grows
     */
    public long refused() {
        return refused.sum();
    }

    /** How many clients are remembered, each once for every route. */
    long remembered() {
        return windows.size();
    }

    private long refusal(AbandonmentWindows.Window window, ServerRequest request, Function<ServerRequest, String> text) {
        boolean refuses = mode == AbandonmentMode.REFUSE;
        long seconds = Math.ceilDiv(windows.left(window), TimeUnit.SECONDS.toNanos(1));
        if (window.firstTime()) {
            // not the key, which may be a secret
            LOGGER.log(System.Logger.Level.INFO, (refuses ? "refused " : "would be refused ")
                    + text.apply(request)
                    + " client=" + (client.equals(ClientKey.address()) ? client.of(request).orElse("") : "keyed")
                    + " abandoned=" + window.count() + " for=" + seconds + "s");
        }
        if (!refuses) {
            return 0;
        }
        refused.increment();
        return seconds;
    }

    /** The decision about one request. */
    public static final class Admission {
        private final long retryAfterSeconds;
        private final Runnable abandoned;

        private Admission(long retryAfterSeconds, Runnable abandoned) {
            this.retryAfterSeconds = retryAfterSeconds;
            this.abandoned = abandoned;
        }

        /**
         * Whether the request is to be refused.
         *
         * @return whether its client is refused
         */
        public boolean isRefused() {
            return retryAfterSeconds > 0;
        }

        /**
         * How long its client is still refused.
         *
         * @return whole seconds, rounded up; 0 if it is not
         */
        public long retryAfterSeconds() {
            return retryAfterSeconds;
        }

        /** The client has abandoned the request. */
        public void abandoned() {
            abandoned.run();
        }
    }
}

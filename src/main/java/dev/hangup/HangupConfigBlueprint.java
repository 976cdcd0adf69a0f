package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.hangup.internal.config.FeatureKeys;
import dev.hangup.outcome.OutcomeListener;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import io.helidon.webserver.spi.ServerFeatureProvider;

/**
 * Configuration of Hangup, {@code server.features.hangup}.
 */
@Prototype.Blueprint(decorator = HangupConfigSupport.class)
@Prototype.CustomMethods(HangupConfigSupport.class)
@Prototype.Configured(value = FeatureKeys.TYPE, root = false)
@Prototype.Provides(ServerFeatureProvider.class)
interface HangupConfigBlueprint extends Prototype.Factory<Hangup> {
    /**
     * Whether to watch connections, so that a client's disconnect cancels the work. If not, only deadlines, shutdown and
     * operators cancel it. Sockets with TLS can be watched only with the TLS manager {@code hangup}
     * ({@link dev.hangup.tls.FullDuplexTls}).
     *
     * @return whether to watch
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean watch();

    /**
     * Whether an HTTP/1.1 client that has closed its side of the connection may still be waiting for its response. If so, only
     * a reset counts as a disconnect, or a close in the middle of the request's body; an ordinary close, as by curl or nginx, is
     * not noticed before something is written, nor is a reset after a close. Sockets with
     * TLS must then enable {@code TLSv1.3} as their only entry of {@code protocols}, because TLS 1.2 closes both directions at
     * once.
     *
     * @return whether to go on working for such a client
     */
    @Option.Configured
    @Option.DefaultBoolean(false)
    boolean tolerateHalfClose();

    /**
     * Deadline of requests whose route sets none, counted from the end of the request's headers. It applies until the response
     * begins. After that, {@link #stallLimit()} applies in its place, if disconnects are noticed. It also bounds how long the
     * server waits for what the work has left unread of the request's body.
     *
     * @return one millisecond to {@link #maxDeadline()}
     */
    @Option.Configured
    @Option.Default("PT30S")
    Duration deadline();

    /**
     * Upper bound for every deadline.
     *
     * @return one millisecond to one day
     */
    @Option.Configured
    @Option.Default("PT1H")
    Duration maxDeadline();

    /**
     * How long a client may read a response more slowly than {@link #minRate()}, once the response has begun and while the server
     * waits to write. The request then ends as {@link dev.hangup.outcome.Outcome#STALLED}. Time in which there is nothing to send
     * does not count. Refusals and error responses are bounded in the same way, without that outcome. Applies to connections on
     * which disconnects are noticed.
     *
     * @return zero for no limit; otherwise 100 milliseconds to a day
     */
    @Option.Configured
    @Option.Default("PT1M")
    Duration stallLimit();

    /**
     * The number of bytes a second that a client must read of a response, on average over {@link #stallLimit()}, while the
     * server waits for it.
     *
     * @return bytes, zero to 1 GiB; with zero, a single byte within that time will do
     */
    @Option.Configured
    @Option.DefaultInt(240)
    int minRate();

    /**
     * Status that filters and access logs see for a request whose client has left. It is never sent.
     *
     * @return 400 to 599; nginx's 499 by default
     */
    @Option.Configured
    @Option.DefaultInt(499)
    int disconnectedStatus();

    /**
     * Value of {@code Retry-After} in responses with status 503; whole seconds.
     *
     * @return at least one second, at most an hour
     */
    @Option.Configured
    @Option.Default("PT1S")
    Duration retryAfter();

    /**
     * How long requests in flight may go on when the server stops, before they are interrupted and get 503. This must be
     * shorter than the {@code shutdown-grace-period} of every socket that Hangup is active on, since Helidon closes the connections
     * when that period has passed. The default is one second less than that period, but at least half of it, and at most a day.
     *
     * @return zero to one day
     */
    @Option.Configured
    Optional<Duration> drain();

    /**
     * How long the server goes on serving after the JVM has begun to shut down, for example because of SIGTERM, before its
     * listeners close and {@link #drain()} begins. In that time readiness checks are {@code DOWN}, so that proxies and load
     * balancers send requests elsewhere; responses over HTTP/1.1 say {@code Connection: close}, and connections over HTTP/2 get a
     * GOAWAY. With zero, the default, connections that a proxy opens at that moment may be reset. A server that is stopped by code
     * stops at once.
     *
     * @return zero to one hour
     */
    @Option.Configured
    @Option.Default("PT0S")
    Duration shutdownDelay();

    /**
     * How long to go on reading from a client that is still sending after an early response, so that the client gets to read
     * the response (RFC 9112, 9.6). Reading ends sooner if the client sends nothing for a tenth of that time, or after 16 MiB. It
     * is also the time that an HTTP/2 client has for reading its last response when the connection ends; when the server stops, at
     * most until {@code shutdown-grace-period} has passed.
     *
     * @return zero to one minute
     */
    @Option.Configured
    @Option.Default("PT5S")
    Duration lingeringClose();

    /**
     * Upper bound for the bytes that a connection reads ahead of the handler while a request is watched. A disconnect behind
     * more unread bytes than this is not noticed; the deadline still applies. Each connection is guaranteed 16 KiB, whatever
     * other connections hold. Only bytes beyond those 16 KiB count against {@link #readAheadPerAddress()} and {@link
     * #readAheadTotal()}.
     *
     * @return bytes, 64 KiB to 1 GiB
     */
    @Option.Configured
    @Option.DefaultInt(2 * 1024 * 1024)
    int readAhead();

    /**
     * Upper bound for the bytes that the connections of one client address together read ahead, beyond the 16 KiB that
     * each connection is guaranteed, so that one client cannot use up the total. The address is that of the connection's peer,
     * or the one that the PROXY protocol names. IPv6 addresses are compared by their first 64 bits. Behind a proxy that does
     * not speak the PROXY protocol, all clients have the proxy's address: set this to {@link #readAheadTotal()} there, and let
     * the proxy bound what one client may send. The default is a quarter of the total, but no less than {@link #readAhead()}.
     *
     * @return bytes, at least {@link #readAhead()}
     */
    @Option.Configured
    Optional<Long> readAheadPerAddress();

    /**
     * Upper bound for the bytes that all connections of the server together read ahead, beyond the 16 KiB that each
     * connection is guaranteed. Each connection may exceed its bound by the length of one read: 8 KiB, or 16 KiB under TLS. At
     * worst, the server therefore holds this many bytes plus 24 KiB (32 KiB under TLS) for each open connection; {@code
     * max-tcp-connections} bounds the number of connections. The default is an eighth of the JVM's maximum heap, but no more
     * than 64 MiB, and no less than {@link #readAhead()}.
     *
     * @return bytes, at least {@link #readAhead()}
     */
    @Option.Configured
    Optional<Long> readAheadTotal();

    /**
     * How long cancelled work may go on before it counts as unresponsive and is reported with its stack trace.
     *
     * @return one millisecond to one hour
     */
    @Option.Configured
    @Option.Default("PT1S")
    Duration unresponsiveAfter();

    /**
     * Maximum number of pieces of cancelled work that may still run on one route. A piece counts once it has gone on for 100
     * ms, or for {@link #unresponsiveAfter()} if that is shorter. While the maximum is reached, new requests to that route get
     * 503 at once; other routes are not affected. A route is one cancellable handler, or one of {@link #paths()}.
     *
     * @return at least one
     */
    @Option.Configured
    @Option.DefaultInt(16)
    int maxUnresponsive();

    /**
     * Whether to add carrier threads while handlers that compute or are pinned hold all of them, so that other virtual threads
     * of the JVM can run. This needs JDK 24 or newer, and has no effect on older releases. The JVM has one guard, which is
     * active while any server with this option runs.
     *
     * @return whether to guard
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean carrierGuard();

    /**
     * Upper bound for the number of carriers, including those that the guard adds. If several servers set a bound, the largest
     * applies. The default is halfway between the usual number ({@code jdk.virtualThreadScheduler.parallelism}, the number of
     * processors unless it is set) and {@code jdk.virtualThreadScheduler.maxPoolSize} (256 unless it is set).
     *
     * @return carriers, at least one, and less than {@code jdk.virtualThreadScheduler.maxPoolSize}
     */
    @Option.Configured
    Optional<Integer> maxCarriers();

    /**
     * Whether to end the process, with exit code 71, when a listener has ended by itself, so that an orchestrator replaces the
     * process. Helidon ends a listener for good when it cannot accept a connection, for example because there is no file descriptor
     * for it; {@code max-tcp-connections} prevents that. Without this option, the process lives on without the listener, and its
     * readiness is {@code DOWN}.
     *
     * @return whether to end the process
     */
    @Option.Configured
    @Option.DefaultBoolean(false)
    boolean exitWithoutListener();

    // fully qualified: Helidon 4.5.0's annotation processor assumes that a type still to be generated is in this package, and
    // ignores the import
    /**
     * Whether and when clients that abandon too many requests are refused for a while. By default they are not refused.
     *
     * @return the configuration of the abandonment limiter
     */
    @Option.Configured
    @Option.DefaultMethod("create")
    dev.hangup.abandonment.AbandonmentConfig abandonment();

    /**
     * The cluster that the server is a member of, whose members coalesce requests together. By default there is none, and no
     * classes for it are loaded.
     *
     * @return the configuration of the member
     */
    @Option.Configured
    Optional<dev.hangup.cluster.ClusterConfig> cluster();

    /**
     * Requests that run under Hangup although their handlers are unaware of it. The first matching pattern applies.
     *
     * @return patterns of paths
     */
    @Option.Configured
    @Option.Singular
    List<HangupPathConfig> paths();

    /**
     * Names of the sockets that Hangup is active on; all sockets if empty.
     *
     * @return names of sockets
     */
    @Option.Configured
    Set<String> sockets();

    /**
     * Weight of the feature. By default Hangup is set up after all others, next to the handlers.
     *
     * @return weight
     */
    @Option.Configured
    @Option.DefaultDouble(FeatureKeys.WEIGHT)
    double weight();

    /**
     * Name of this instance.
     *
     * @return name
     */
    @Option.Default(FeatureKeys.TYPE)
    String name();

    /**
     * Whether to record the outcomes of requests in Helidon's metrics; see {@link dev.hangup.metrics.HangupMetrics}. This has
     * no effect without a metrics provider on the class path.
     *
     * @return whether to record them
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean metrics();

    /**
     * Listeners that are notified of each request's outcome and of unresponsive work, in addition to the log.
     *
     * @return listeners
     */
    @Option.Singular
    List<OutcomeListener> listeners();
}

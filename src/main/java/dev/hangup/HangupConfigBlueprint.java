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
@Prototype.CustomMethods(HangupConfigSupport.CustomMethods.class)
@Prototype.Configured(value = FeatureKeys.TYPE, root = false)
@Prototype.Provides(ServerFeatureProvider.class)
interface HangupConfigBlueprint extends Prototype.Factory<Hangup> {
    /**
     * Whether the departure of clients is watched for. If not, deadlines and shutdown still stop the work. Sockets with
     * TLS can be watched only with the TLS manager {@code hangup} ({@link dev.hangup.tls.FullDuplexTls}).
     *
     * @return whether to watch
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean watch();

    /**
     * Whether a client that has ended its side of the connection (HTTP/1.1) may still be waiting for its answer. If so,
     * only a reset counts as its leaving, and one that comes after the end shows no sooner than when its answer is
     * written. Sockets with TLS must have no {@code protocols} but {@code TLSv1.3}: what ends one direction of TLS 1.2
     * ends both.
     *
     * @return whether to go on working for such a client
     */
    @Option.Configured
    @Option.DefaultBoolean(false)
    boolean tolerateHalfClose();

    /**
     * How long a request may take whose route says nothing of its own, from the end of its headers.
     *
     * @return a positive duration, at most {@link #maxDeadline()}
     */
    @Option.Configured
    @Option.Default("PT30S")
    Duration deadline();

    /**
     * What no route and no client gets more than.
     *
     * @return a positive duration, at most a day
     */
    @Option.Configured
    @Option.Default("PT1H")
    Duration maxDeadline();

    /**
     * The status that filters and access logs see of a request whose client has left. The client does not see it.
     *
     * @return 400 to 599; nginx's 499 by default
     */
    @Option.Configured
    @Option.DefaultInt(499)
    int disconnectedStatus();

    /**
     * What the {@code Retry-After} of a 503 says, in whole seconds.
     *
     * @return at least one second, at most an hour
     */
    @Option.Configured
    @Option.Default("PT1S")
    Duration retryAfter();

    /**
     * How long requests in flight may go on when the server stops, before they are interrupted and answered with 503.
     * Must be shorter than the {@code shutdown-grace-period} of every socket, since Helidon closes the connections
     * when that has passed. By default half of it.
     *
     * @return zero or more
     */
    @Option.Configured
    Optional<Duration> drain();

    /**
     * How long to go on reading from a client that is still sending when it was answered early, so that it gets to
     * read the answer (RFC 9112, 9.6); less if it sends nothing for a tenth of that time, or if it has sent 16 MiB.
     *
     * @return zero to one minute
     */
    @Option.Configured
    @Option.Default("PT5S")
    Duration lingeringClose();

    /**
     * Upper bound for the bytes that a connection reads ahead of the handler while a request is watched. A departure behind
     * more unread bytes than this is not noticed; the deadline is. Whatever other connections hold, each connection is
     * guaranteed 16 KiB; only what it holds beyond those counts against {@link #readAheadPerAddress()} and
     * {@link #readAheadTotal()}.
     *
     * @return bytes, 64 KiB to 1 GiB
     */
    @Option.Configured
    @Option.DefaultInt(2 * 1024 * 1024)
    int readAhead();

    /**
     * Upper bound for the bytes that the connections of one client address together read ahead, beyond the 16 KiB that
     * each connection is guaranteed, so that one client cannot use up the total. The address is that of the connection's
     * peer, or the one that the PROXY protocol names; of IPv6 addresses the first 64 bits count. Behind a proxy that does
     * not speak the PROXY protocol all clients have the proxy's address: there, set this to {@link #readAheadTotal()},
     * and let the proxy bound what one client may send. By default a quarter of the total, but no less than
     * {@link #readAhead()}.
     *
     * @return bytes, from {@link #readAhead()} to {@link #readAheadTotal()}
     */
    @Option.Configured
    Optional<Long> readAheadPerAddress();

    /**
     * Upper bound for the bytes that all connections of the server together read ahead, beyond the 16 KiB that each
     * connection is guaranteed. Each connection may exceed its bound by the length of one read: 8 KiB, under TLS 16 KiB. So
     * at worst the server holds this and 24 KiB (under TLS 32 KiB) for each open connection; {@code max-tcp-connections}
     * bounds their number. By default an eighth of the largest heap that the JVM may use, but no more than 64 MiB, and no
     * less than {@link #readAhead()}.
     *
     * @return bytes, at least {@link #readAhead()}
     */
    @Option.Configured
    Optional<Long> readAheadTotal();

    /**
     * How long work may go on that was cancelled, because its client has left, its deadline has passed or the server stops,
     * before it is unresponsive: reported with its stack, and counted.
     *
     * @return one millisecond to one hour
     */
    @Option.Configured
    @Option.Default("PT1S")
    Duration unresponsiveAfter();

    /**
     * How many pieces of work of one route may go on although they were cancelled. Each counts once it has gone on for 100 ms, or
     * for {@link #unresponsiveAfter()} if that is shorter. While there are so many, new requests to that route get 503 at
     * once; other routes are not concerned. A route is one handler that was made cancellable, or one of {@link #paths()}.
     *
     * @return at least one
     */
    @Option.Configured
    @Option.DefaultInt(16)
    int maxUnresponsive();

    // by its whole name: the annotation processor of Helidon 4.5.0 takes a type that is still to be generated for one of this
    // package, whatever is imported
    /**
     * Whether carriers of virtual threads are added while all of them are held, by handlers that compute or are pinned, so that no
     * other virtual thread of the JVM would run. On JDK 24 and newer; on older ones this comes to nothing. There is one guard
     * for each JVM, which is there while any of its servers wants it.
     *
     * @return whether to guard
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean carrierGuard();

    /**
     * Upper bound for the number of carriers with those that the guard adds; if several servers name one, the largest counts. By
     * default halfway between the usual number ({@code jdk.virtualThreadScheduler.parallelism}, the number of processors
     * unless it is set) and {@code jdk.virtualThreadScheduler.maxPoolSize} (256 unless it is set).
     *
     * @return carriers, at least one, and less than {@code jdk.virtualThreadScheduler.maxPoolSize}
     */
    @Option.Configured
    Optional<Integer> maxCarriers();

    /**
     * Whether clients that abandon too many requests are refused for a while. By default they are not.
     *
     * @return which clients
     */
    @Option.Configured
    @Option.DefaultMethod("create")
    dev.hangup.abandonment.AbandonmentConfig abandonment();

    /**
     * Requests that run under Hangup although the code that handles them knows nothing of it. The first that matches
     * counts.
     *
     * @return patterns of paths
     */
    @Option.Configured
    @Option.Singular
    List<HangupPathConfig> paths();

    /**
     * The sockets that Hangup is active on. All if empty.
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
     * Whether to count in Helidon's metrics what becomes of requests; see {@link dev.hangup.metrics.HangupMetrics}. Where
     * no provider of metrics is on the class path, that comes to nothing.
     *
     * @return whether to count
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean metrics();

    /**
     * Told how each request ended, and of work that does not stop, beside the log.
     *
     * @return listeners
     */
    @Option.Singular
    List<OutcomeListener> listeners();
}

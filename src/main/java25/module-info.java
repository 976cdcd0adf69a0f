/**
 * Stops the work of a Helidon SE server when the client that asked for it has left.
 */
module dev.hangup {
    requires com.github.benmanes.caffeine;
    requires io.helidon;
    requires io.helidon.common.resumable;
    requires io.helidon.common.task;
    requires io.helidon.metrics.api;
    requires java.management;

    requires transitive io.helidon.builder.api;
    requires transitive io.helidon.webserver;
    requires transitive java.sql;

    // Needed only if present. None is transitive: otherwise javac would require it of every application.
    requires static io.helidon.faulttolerance;
    requires static io.helidon.health;
    requires static io.helidon.json;
    requires static io.helidon.webserver.http2;
    requires static io.helidon.webserver.observe;
    requires static jdk.jfr;
    requires static org.postgresql.jdbc;
    requires static io.helidon.webclient.api;
    requires static org.jgroups;

    // annotations of generated code
    requires static io.helidon.config.metadata;

    exports dev.hangup;
    exports dev.hangup.abandonment;
    exports dev.hangup.admission;
    exports dev.hangup.client;
    exports dev.hangup.cluster;
    exports dev.hangup.coalescing;
    exports dev.hangup.cpu;
    exports dev.hangup.isolated;
    exports dev.hangup.metrics;
    exports dev.hangup.observe;
    exports dev.hangup.outcome;
    exports dev.hangup.process;
    exports dev.hangup.sql;
    exports dev.hangup.sse;
    exports dev.hangup.tls;

    // the same as in META-INF/services, for the class path; src/main/java21 explains how the two descriptors differ
    uses dev.hangup.internal.race.ServerWiring.Provider;
    uses io.helidon.common.context.spi.DataPropagationProvider;
    uses io.helidon.webserver.spi.ServerConnectionSelectorProvider;

    provides dev.hangup.internal.race.ServerWiring.Provider with dev.hangup.internal.server.FeatureWiringProvider;
    provides io.helidon.common.tls.spi.TlsManagerProvider with dev.hangup.internal.server.FullDuplexTlsProvider;
    provides io.helidon.health.spi.HealthCheckProvider with dev.hangup.internal.server.ReadinessCheckProvider;
    provides io.helidon.webclient.spi.WebClientServiceProvider with dev.hangup.internal.server.DeadlineServiceProvider;
    provides io.helidon.webserver.spi.ServerConnectionSelectorProvider with
            dev.hangup.internal.http1.WatchedHttp1Provider,
            dev.hangup.internal.http2.WatchedHttp2Provider;
    provides io.helidon.webserver.observe.spi.ObserveProvider with dev.hangup.internal.server.HangupObserverProvider;
    provides io.helidon.webserver.spi.ServerFeatureProvider with dev.hangup.internal.server.HangupProvider;
}

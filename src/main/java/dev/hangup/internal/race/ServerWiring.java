package dev.hangup.internal.race;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.webserver.spi.ServerFeature;

/**
 * The part of the feature that sets up servers. The implementation depends on every other package. It is found as a service, so
 * that the root package, which every other package may import, imports none of them.
 */
public interface ServerWiring {
    /** Returns the wiring of one feature. */
    static ServerWiring create(HangupConfig config) {
        return Provider.FOUND.apply(config);
    }

    /** As {@link Hangup#setup}. */
    void setup(ServerFeature.ServerFeatureContext context);

    /** As {@link Hangup#unresponsive}. */
    List<UnresponsiveWork> unresponsive();

    /** As {@link Hangup#inFlight}. */
    List<InFlightRequest> inFlight();

    /** As {@link Hangup#cancel}. */
    boolean cancel(long id);

    /** As {@link Hangup#cluster}. */
    Optional<ClusterStatus> cluster();

    /** The service. */
    interface Provider extends Function<HangupConfig, ServerWiring> {
        /** The only one. To look for it takes a look at each jar of the class path, so it is done once. */
        Provider FOUND = ServiceLoader.load(Provider.class, ServerWiring.class.getClassLoader()).findFirst().orElseThrow();
    }
}

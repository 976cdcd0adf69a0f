package dev.hangup.internal.race;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

import dev.hangup.HangupConfig;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.webserver.spi.ServerFeature;

/**
 * What the feature adds to its servers. The implementation depends on every other package. It is found as a service, so that the
 * root package, which every other package may import, imports none of them.
 */
public interface ServerWiring {
    /**
     * The wiring of one feature.
     *
     * @param config configuration of the feature
     * @return the wiring
     */
    static ServerWiring create(HangupConfig config) {
        return ServiceLoader.load(Provider.class, ServerWiring.class.getClassLoader()).findFirst().orElseThrow().create(config);
    }

    /**
     * Sets up a server.
     *
     * @param context context of the server
     */
    void setup(ServerFeature.ServerFeatureContext context);

    /**
     * Returns the work that was cancelled and has not ended.
     *
     * @return a snapshot, in no particular order
     */
    List<UnresponsiveWork> unresponsive();

    /**
     * Returns the requests in flight.
     *
     * @return a snapshot, the oldest request first
     */
    List<InFlightRequest> inFlight();

    /**
     * Cancels the work of a request.
     *
     * @param id the request's number
     * @return whether it was in flight and not cancelled before
     */
    boolean cancel(long id);

    /**
     * Returns what the server knows of its cluster.
     *
     * @return a snapshot; empty if no cluster is configured
     */
    Optional<ClusterStatus> cluster();

    /** The service. */
    interface Provider {
        /**
         * Creates the wiring of one feature.
         *
         * @param config configuration of the feature
         * @return the wiring
         */
        ServerWiring create(HangupConfig config);
    }
}

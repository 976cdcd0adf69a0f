package dev.hangup.internal.race;

import java.util.List;
import java.util.ServiceLoader;

import dev.hangup.HangupConfig;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.webserver.spi.ServerFeature;

/**
 * What the feature adds to its servers. It knows every other package and is found as a service, so that the root, which every
 * other package may use, imports none of them.
 */
public interface ServerWiring {
    /**
     * The wiring of one feature.
     *
     * @param config the feature's
     * @return the wiring
     */
    static ServerWiring create(HangupConfig config) {
        return ServiceLoader.load(Provider.class, ServerWiring.class.getClassLoader()).findFirst().orElseThrow().create(config);
    }

    /**
     * Sets up a server.
     *
     * @param context the server's
     */
    void setup(ServerFeature.ServerFeatureContext context);

    /**
     * The work that goes on although it was cancelled.
     *
     * @return a snapshot, in no order
     */
    List<UnresponsiveWork> unresponsive();

    /** The service. */
    interface Provider {
        /**
         * Makes the wiring of one feature.
         *
         * @param config the feature's
         * @return the wiring
         */
        ServerWiring create(HangupConfig config);
    }
}

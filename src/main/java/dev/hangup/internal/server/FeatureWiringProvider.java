package dev.hangup.internal.server;

import java.util.ServiceLoader;

import dev.hangup.HangupConfig;
import dev.hangup.internal.race.ServerWiring;

/** Found by {@link ServiceLoader}. */
public final class FeatureWiringProvider implements ServerWiring.Provider {
    @Override
    public ServerWiring apply(HangupConfig config) {
        return new FeatureWiring(config);
    }
}

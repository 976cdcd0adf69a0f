package dev.hangup.internal.server;

import java.util.ServiceLoader;

import dev.hangup.Hangup;
import dev.hangup.internal.config.FeatureKeys;

import io.helidon.common.Weight;
import io.helidon.config.Config;
import io.helidon.webserver.spi.ServerFeatureProvider;

/** Found by {@link ServiceLoader}, so that a server has Hangup if Hangup is on its class path or module path. */
@Weight(FeatureKeys.WEIGHT)
public final class HangupProvider implements ServerFeatureProvider<Hangup> {
    @Override
    public String configKey() {
        return FeatureKeys.TYPE;
    }

    @Override
    public Hangup create(Config config, String name) {
        return Hangup.builder()
                .config(config)
                .name(name)
                .build();
    }
}

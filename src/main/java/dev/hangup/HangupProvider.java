package dev.hangup;

import java.util.ServiceLoader;

import io.helidon.common.Weight;
import io.helidon.config.Config;
import io.helidon.webserver.spi.ServerFeatureProvider;

/**
 * Found by {@link ServiceLoader}, so that a server has Hangup when it is on its class path; not for use by
 * applications.
 */
@Weight(Hangup.WEIGHT)
public final class HangupProvider implements ServerFeatureProvider<Hangup> {
    /**
     * Required for {@link ServiceLoader}.
     */
    public HangupProvider() {
    }

    @Override
    public String configKey() {
        return Hangup.TYPE;
    }

    @Override
    public Hangup create(Config config, String name) {
        return Hangup.builder()
                .config(config)
                .name(name)
                .build();
    }
}

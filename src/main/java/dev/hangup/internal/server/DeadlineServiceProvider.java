package dev.hangup.internal.server;

import java.util.ServiceLoader;
import java.util.Set;

import dev.hangup.client.DeadlineService;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.config.Config;
import io.helidon.webclient.spi.WebClientService;
import io.helidon.webclient.spi.WebClientServiceProvider;

/**
 * Found by {@link ServiceLoader}, so that the configuration of a client can contain the service. Helidon requests a service for
 * every client, even if its configuration does not mention the service; such a service sends nothing.
 */
public final class DeadlineServiceProvider implements WebClientServiceProvider {
    @Override
    public String configKey() {
        return DeadlineService.TYPE;
    }

    @Override
    public WebClientService create(Config config, String name) {
        ConfigNode.ensureKnown(config, Set.of());
        return DeadlineService.create(config, name);
    }
}

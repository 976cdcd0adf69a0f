package dev.hangup.internal.server;

import java.util.ServiceLoader;
import java.util.Set;

import dev.hangup.internal.config.ConfigNode;
import dev.hangup.internal.config.FeatureKeys;
import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.TlsManager;
import io.helidon.common.tls.spi.TlsManagerProvider;
import io.helidon.config.Config;

/**
 * Found by {@link ServiceLoader}, for {@code tls.manager.hangup}.
 */
public final class FullDuplexTlsProvider implements TlsManagerProvider {
    @Override
    public String configKey() {
        return FeatureKeys.TYPE;
    }

    @Override
    public TlsManager create(Config config, String name) {
        ConfigNode.ensureKnown(config, Set.of());
        return FullDuplexTls.create(name);
    }
}

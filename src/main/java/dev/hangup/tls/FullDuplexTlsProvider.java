package dev.hangup.tls;

import dev.hangup.internal.config.ConfigNode;

import java.util.ServiceLoader;
import java.util.Set;

import io.helidon.common.tls.TlsManager;
import io.helidon.common.tls.spi.TlsManagerProvider;
import io.helidon.config.Config;

/**
 * Found by {@link ServiceLoader}, for {@code tls.manager.hangup}; not for use by applications.
 */
public final class FullDuplexTlsProvider implements TlsManagerProvider {
    /**
     * Required for {@link ServiceLoader}.
     */
    public FullDuplexTlsProvider() {
    }

    @Override
    public String configKey() {
        return FullDuplexTls.TYPE;
    }

    @Override
    public TlsManager create(Config config, String name) {
        ConfigNode.ensureKnown(config, Set.of());
        return new FullDuplexTls(name);
    }
}

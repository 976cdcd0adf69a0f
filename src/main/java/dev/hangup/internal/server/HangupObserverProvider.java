package dev.hangup.internal.server;

import java.util.Optional;
import java.util.Set;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.FeatureKeys;
import dev.hangup.observe.HangupObserver;

import io.helidon.config.Config;
import io.helidon.webserver.observe.spi.ObserveProvider;
import io.helidon.webserver.observe.spi.Observer;

/** Offers the observer to Helidon's observe feature; not for use by applications. */
public final class HangupObserverProvider implements ObserveProvider {
    @Override
    public String configKey() {
        return FeatureKeys.TYPE;
    }

    @Override
    public Observer create(Config config, String name) {
        ConfigBounds.of(Optional.of(config), Set.of("endpoint", "permit-all")).trueOrFalse("permit-all", Optional.of(config));
        return HangupObserver.builder().config(config).name(name).build();
    }
}

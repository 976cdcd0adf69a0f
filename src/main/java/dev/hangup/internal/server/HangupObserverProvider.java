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
        ConfigBounds bounds = ConfigBounds.of(Optional.of(config), Set.of("endpoint", "permit-all"));
        // Helidon has read it already, and calls this method only if it takes the word for true: 1, yes, y or on
        bounds.trueOrFalse("enabled", Optional.of(config));
        bounds.trueOrFalse("permit-all", Optional.of(config));
        return HangupObserver.builder().config(config).name(name).build();
    }
}

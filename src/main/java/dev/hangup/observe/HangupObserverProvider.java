package dev.hangup.observe;

import io.helidon.config.Config;
import io.helidon.webserver.observe.spi.ObserveProvider;
import io.helidon.webserver.observe.spi.Observer;

/** Offers the observer to Helidon's observe feature; not for use by applications. */
public final class HangupObserverProvider implements ObserveProvider {
    /** For the service loader. */
    public HangupObserverProvider() {
    }

    @Override
    public String configKey() {
        return HangupObserver.TYPE;
    }

    @Override
    public Observer create(Config config, String name) {
        return HangupObserver.builder().config(config).name(name).build();
    }
}

package dev.hangup.observe;

import dev.hangup.internal.config.FeatureKeys;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import io.helidon.webserver.observe.ObserverConfigBase;
import io.helidon.webserver.observe.spi.ObserveProvider;

/**
 * Configuration of the observer, {@code server.features.observe.observers.hangup}.
 */
@Prototype.Blueprint
@Prototype.Configured(root = false, value = FeatureKeys.TYPE)
@Prototype.Provides(ObserveProvider.class)
interface HangupObserverConfigBlueprint extends ObserverConfigBase, Prototype.Factory<HangupObserver> {
    /**
     * Whether requests can be listed and cancelled over HTTP. In configuration, {@code true} is the only word that enables this.
     *
     * @return whether they can; {@code false} by default
     */
    @Override
    @Option.Configured
    @Option.DefaultBoolean(false)
    boolean enabled();

    /**
     * Path of the endpoint, relative to the path of the observe feature unless it begins with a slash.
     *
     * @return the path
     */
    @Option.Configured
    @Option.Default(FeatureKeys.TYPE)
    String endpoint();

    /**
     * Whether anybody who can reach the endpoint may use it. If not, Helidon's security must be set up, and users need the role
     * {@code observe}. If so, pages in browsers cannot cancel requests: see {@link HangupObserver}.
     *
     * @return whether to permit access to anybody
     */
    @Option.Configured
    @Option.DefaultBoolean(false)
    boolean permitAll();

    @Override
    @Option.Default(FeatureKeys.TYPE)
    String name();
}

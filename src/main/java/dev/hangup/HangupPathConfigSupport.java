package dev.hangup;

import java.time.Duration;
import java.util.Set;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.http.Method;

/** Reads values that Helidon's config cannot convert by itself, and names a missing key. */
final class HangupPathConfigSupport implements Prototype.BuilderDecorator<HangupPathConfig.BuilderBase<?, ?>> {
    private static final Set<String> KEYS = Set.of("path", "methods", "exclude-paths", "exclude-methods", "deadline");

    @Override
    public void decorate(HangupPathConfig.BuilderBase<?, ?> target) {
        ConfigBounds.of(target.config(), KEYS).check("path", !target.path().isEmpty(), "is required");
    }

    @Prototype.ConfigFactoryMethod
    static Duration createDuration(Config config) {
        return ConfigNode.duration(config);
    }

    @Prototype.ConfigFactoryMethod("excludeMethods")
    static Method createExcludeMethod(Config config) {
        return createMethod(config);
    }

    @Prototype.ConfigFactoryMethod("methods")
    static Method createMethod(Config config) {
        String name = config.asString().get();
        try {
            return Method.create(name);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(config.key() + " is not an HTTP method: " + e.getMessage(), e);
        }
    }
}

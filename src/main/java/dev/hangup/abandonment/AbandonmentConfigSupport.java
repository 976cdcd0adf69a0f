package dev.hangup.abandonment;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;

/** Validates the configuration; error messages name the key. */
final class AbandonmentConfigSupport implements Prototype.BuilderDecorator<AbandonmentConfig.BuilderBase<?, ?>> {
    private static final Set<String> KEYS = Set.of("mode", "abandoned", "window", "max-clients");
    private static final int MAX_ABANDONED = 1_000_000;
    private static final int MAX_CLIENTS = 10_000_000;

    @Override
    public void decorate(AbandonmentConfig.BuilderBase<?, ?> target) {
        ConfigBounds bounds = ConfigBounds.of(target.config(), KEYS, "server.features.hangup.abandonment");
        bounds.within("abandoned", target.abandoned(), 1, MAX_ABANDONED);
        bounds.within("window", target.window(), Duration.ofSeconds(1), Duration.ofDays(1));
        bounds.within("max-clients", target.maxClients(), 1, MAX_CLIENTS);
    }

    @Prototype.ConfigFactoryMethod
    static Duration createDuration(Config config) {
        return ConfigNode.duration(config);
    }

    @Prototype.ConfigFactoryMethod("mode")
    static AbandonmentMode createMode(Config config) {
        String word = config.asString().get().toLowerCase(Locale.ROOT);
        return switch (word) {
        // a YAML parser reads the word off as false
        case "off", "false" -> AbandonmentMode.OFF;
        case "log" -> AbandonmentMode.LOG;
        case "refuse" -> AbandonmentMode.REFUSE;
        default -> throw new ConfigException(config.key() + " must be off, log or refuse, but is " + word);
        };
    }
}

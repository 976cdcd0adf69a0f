package dev.hangup.internal.config;

import java.util.Optional;
import java.util.Set;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;

/** Checks configured values. An exception contains the full key of a value that is out of bounds. */
public final class ConfigBounds {
    /** Upper bound for the length of any queue. */
    public static final int MAX_QUEUE = 1_000_000;

    private final String prefix;

    private ConfigBounds(String prefix) {
        this.prefix = prefix;
    }

    /**
     * Returns the bounds checker for a node, which must contain only known keys.
     *
     * @param config the node; empty if the values were set in code
     * @param known  the known keys of the node
     * @return the checker for its keys
     * @throws ConfigException if the node contains an unknown key, which the message contains
     */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config, Set<String> known) {
        config.ifPresent(it -> ConfigNode.ensureKnown(Config.config(it), known));
        return of(config);
    }

    /**
     * Returns the bounds checker for a node.
     *
     * @param config the node; empty if the values were set in code
     * @return the checker for its keys
     */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config) {
        return new ConfigBounds(config.map(it -> it.key().toString()).filter(it -> !it.isEmpty()).map(it -> it + ".").orElse(""));
    }

    /**
     * Checks a value.
     *
     * @param key   the key below the node
     * @param value the value
     * @param from  the smallest allowed value
     * @param to    the largest allowed value
     * @param <T>   type of the value
     * @throws ConfigException if the value is out of bounds; the message contains the key
     */
    public <T extends Comparable<? super T>> void within(String key, T value, T from, T to) {
        if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
            throw new ConfigException(prefix + key + " must be from " + from + " to " + to + ", but is " + value);
        }
    }

    /**
     * Checks a boolean value: Helidon 4.5.0 treats a misspelt word as false ({@code ConfigMappers.toBoolean}).
     *
     * @param key    the key below the node
     * @param config the node
     * @throws ConfigException if the value is neither; the message contains the key
     */
    public void trueOrFalse(String key, Optional<? extends io.helidon.common.config.Config> config) {
        config.map(it -> it.get(key)).filter(it -> it.exists()).flatMap(it -> it.asString().asOptional()).ifPresent(it -> {
            if (!it.equals("true") && !it.equals("false")) {
                throw new ConfigException(prefix + key + " must be true or false, but is " + it);
            }
        });
    }
}

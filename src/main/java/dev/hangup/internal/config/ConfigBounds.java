package dev.hangup.internal.config;

import java.util.Optional;
import java.util.Set;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;

/** Checks configured values, naming the whole key of one that is out of bounds. */
public final class ConfigBounds {
    /** The longest queue of anything. */
    public static final int MAX_QUEUE = 1_000_000;

    private final String prefix;

    private ConfigBounds(String prefix) {
        this.prefix = prefix;
    }

    /**
     * For the node that the values are of, which is to have no keys but known ones.
     *
     * @param config empty if they were set in code
     * @param known  its keys
     * @return for its keys
     * @throws ConfigException naming a key that is unknown
     */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config, Set<String> known) {
        config.ifPresent(it -> ConfigNode.ensureKnown(Config.config(it), known));
        return of(config);
    }

    /**
     * For the node that the values are of.
     *
     * @param config empty if they were set in code
     * @return for its keys
     */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config) {
        return new ConfigBounds(config.map(it -> it.key().toString()).filter(it -> !it.isEmpty()).map(it -> it + ".").orElse(""));
    }

    /**
     * Checks one.
     *
     * @param key   its key, below the node
     * @param value what it is
     * @param from  the least that it may be
     * @param to    the most that it may be
     * @param <T>   its type
     * @throws ConfigException naming the key, if it is out of bounds
     */
    public <T extends Comparable<? super T>> void within(String key, T value, T from, T to) {
        if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
            throw new ConfigException(prefix + key + " must be from " + from + " to " + to + ", but is " + value);
        }
    }

    /**
     * Checks a switch: Helidon 4.5.0 takes a word that is misspelt for false ({@code ConfigMappers.toBoolean}).
     *
     * @param key    its key, below the node
     * @param config the node
     * @throws ConfigException naming the key, if it is neither
     */
    public void trueOrFalse(String key, Optional<? extends io.helidon.common.config.Config> config) {
        config.map(it -> it.get(key)).filter(it -> it.exists()).flatMap(it -> it.asString().asOptional()).ifPresent(it -> {
            if (!it.equals("true") && !it.equals("false")) {
                throw new ConfigException(prefix + key + " must be true or false, but is " + it);
            }
        });
    }
}

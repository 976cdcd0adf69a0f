package dev.hangup.internal.config;

import java.util.Optional;
import java.util.Set;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;

/** Checks configured values. An exception contains the full key of a value that is rejected. */
public final class ConfigBounds {
    /** The checker for the feature's own keys, the same wherever the feature is configured. */
    public static final ConfigBounds FEATURE = new ConfigBounds("server.features." + FeatureKeys.TYPE + ".");
    /** Upper bound for the length of any queue. */
    public static final int MAX_QUEUE = 1_000_000;

    private final String prefix;

    private ConfigBounds(String prefix) {
        this.prefix = prefix;
    }

    /** Returns the checker for a node; empty if the values were set in code. */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config) {
        return of(config, "");
    }

    /** As above, for a node that must contain only known keys; the exception names one that is unknown. */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config, Set<String> known) {
        return of(config, known, "");
    }

    /** As above, with the key of the node in messages about values that were set in code. */
    public static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config, Set<String> known, String inCode) {
        config.ifPresent(it -> ConfigNode.ensureKnown(Config.config(it), known));
        return of(config, inCode);
    }

    private static ConfigBounds of(Optional<? extends io.helidon.common.config.Config> config, String inCode) {
        String node = config.map(it -> it.key().toString()).orElse(inCode);
        return new ConfigBounds(node.isEmpty() ? "" : node + ".");
    }

    /** Ensures that a condition is met. If it is not, the message of the exception is the key followed by the complaint. */
    public void check(String key, boolean met, String complaint) {
        if (!met) {
            throw new ConfigException(prefix + key + " " + complaint);
        }
    }

    /** Ensures that a value is within bounds, both of which are allowed. */
    public <T extends Comparable<? super T>> void within(String key, T value, T from, T to) {
        check(key, value.compareTo(from) >= 0 && value.compareTo(to) <= 0,
              "must be from " + from + " to " + to + ", but is " + value);
    }

    /** Ensures that a value is a boolean: Helidon 4.5.0 treats a misspelt word as false ({@code ConfigMappers.toBoolean}). */
    public void trueOrFalse(String key, Optional<? extends io.helidon.common.config.Config> config) {
        config.map(it -> it.get(key)).filter(it -> it.exists()).flatMap(it -> it.asString().asOptional())
                .ifPresent(it -> check(key, it.equals("true") || it.equals("false"), "must be true or false, but is " + it));
    }
}

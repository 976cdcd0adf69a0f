package dev.hangup.internal.config;

import io.helidon.config.ConfigException;

/** Names the keys of the feature's configuration where their values are refused. */
public final class FeatureKeys {
    private static final String PREFIX = "server.features.hangup.";

    private FeatureKeys() {
    }

    public static void check(String key, boolean holds, String otherwise) {
        if (!holds) {
            throw new ConfigException(PREFIX + key + " " + otherwise);
        }
    }
}

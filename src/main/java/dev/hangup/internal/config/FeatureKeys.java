package dev.hangup.internal.config;

import io.helidon.config.ConfigException;

/** The name of the feature's configuration, and its keys for messages about rejected values. */
public final class FeatureKeys {
    /** The type of the feature, and of its TLS manager. */
    public static final String TYPE = "hangup";
    /** Below the weight of routes and their filters, so that everything else is set up earlier. */
    public static final double WEIGHT = 50;

    private static final String PREFIX = "server.features." + TYPE + ".";

    private FeatureKeys() {
    }

    public static void check(String key, boolean holds, String otherwise) {
        if (!holds) {
            throw new ConfigException(PREFIX + key + " " + otherwise);
        }
    }
}

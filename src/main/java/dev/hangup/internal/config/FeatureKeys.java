package dev.hangup.internal.config;

import io.helidon.config.ConfigException;

/** What the feature's configuration is called, and its keys where their values are refused. */
public final class FeatureKeys {
    /** The type of the feature, and of its TLS manager. */
    public static final String TYPE = "hangup";
    /** Below the weight of routes and their filters: everything else is set up before. */
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

package dev.hangup.internal.config;

/** The name of the feature's configuration, and its weight. */
public final class FeatureKeys {
    /** The type of the feature, of its TLS manager and of its observer. */
    public static final String TYPE = "hangup";
    /** Below the weight of routes and their filters, so that everything else is set up earlier. */
    public static final double WEIGHT = 50;

    private FeatureKeys() {
    }
}

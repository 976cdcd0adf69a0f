package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;
import io.helidon.http.PathMatchers;

/** Validates the configuration; error messages name the key. */
final class HangupConfigSupport implements Prototype.BuilderDecorator<HangupConfig.BuilderBase<?, ?>> {
    private static final ConfigBounds FEATURE = ConfigBounds.FEATURE;
    private static final Set<String> KEYS = Set.of("watch", "tolerate-half-close", "deadline", "max-deadline", "stall-limit",
                                                   "min-rate", "disconnected-status", "retry-after", "drain", "shutdown-delay",
                                                   "lingering-close", "read-ahead", "read-ahead-per-address", "read-ahead-total",
                                                   "unresponsive-after", "max-unresponsive", "carrier-guard", "max-carriers",
                                                   "exit-without-listener", "abandonment", "cluster", "paths", "sockets",
                                                   "weight", "metrics");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration MIN_STALL = Duration.ofMillis(100);
    private static final int MAX_RATE = 1024 * 1024 * 1024;
    private static final int MIN_READ_AHEAD = 64 * 1024;
    private static final int MAX_READ_AHEAD = 1024 * 1024 * 1024;

    @Override
    public void decorate(HangupConfig.BuilderBase<?, ?> target) {
        FEATURE.within("max-deadline", target.maxDeadline(), MILLI, DAY);
        deadline("deadline", target.deadline(), target.maxDeadline());
        target.config().ifPresent(it -> ConfigNode.ensureKnown(Config.config(it), KEYS));
        for (String key : List.of("watch", "tolerate-half-close", "carrier-guard", "metrics", "exit-without-listener")) {
            FEATURE.trueOrFalse(key, target.config());
        }
        FEATURE.check("stall-limit", target.stallLimit().isZero() || target.stallLimit().compareTo(MIN_STALL) >= 0
                && target.stallLimit().compareTo(DAY) <= 0,
                      "must be 0, or from " + MIN_STALL + " to " + DAY + ", but is " + target.stallLimit());
        FEATURE.check("min-rate", target.minRate() >= 0 && target.minRate() <= MAX_RATE,
                      "must be from 0 to " + MAX_RATE + " bytes a second, but is " + target.minRate());
        FEATURE.within("retry-after", target.retryAfter(), Duration.ofSeconds(1), Duration.ofHours(1));
        target.drain().ifPresent(it -> FEATURE.within("drain", it, Duration.ZERO, DAY));
        FEATURE.within("shutdown-delay", target.shutdownDelay(), Duration.ZERO, Duration.ofHours(1));
        FEATURE.within("lingering-close", target.lingeringClose(), Duration.ZERO, Duration.ofMinutes(1));
        FEATURE.within("unresponsive-after", target.unresponsiveAfter(), MILLI, Duration.ofHours(1));
        FEATURE.check("max-unresponsive", target.maxUnresponsive() >= 1,
                      "must be at least 1, but is " + target.maxUnresponsive());
        target.maxCarriers().ifPresent(it -> FEATURE.check("max-carriers", it >= 1 && it < CarrierGuard.maxPoolSize(),
                      "must be at least 1 and less than jdk.virtualThreadScheduler.maxPoolSize ("
                              + CarrierGuard.maxPoolSize() + "), but is " + it));
        FEATURE.check("disconnected-status", target.disconnectedStatus() >= 400 && target.disconnectedStatus() <= 599,
                      "must be a status from 400 to 599, but is " + target.disconnectedStatus());
        FEATURE.check("read-ahead", target.readAhead() >= MIN_READ_AHEAD && target.readAhead() <= MAX_READ_AHEAD,
                      "must be from " + MIN_READ_AHEAD + " to " + MAX_READ_AHEAD + " bytes, but is " + target.readAhead());
        target.readAheadTotal().ifPresent(it -> FEATURE.check("read-ahead-total", it >= target.readAhead(),
                      "must be at least read-ahead (" + target.readAhead() + " bytes), but is " + it));
        target.readAheadPerAddress().ifPresent(it -> FEATURE.check("read-ahead-per-address", it >= target.readAhead(),
                      "must be at least read-ahead (" + target.readAhead() + " bytes), but is " + it));
        for (int i = 0; i < target.paths().size(); i++) {
            path("paths." + i + ".", target.paths().get(i), target.maxDeadline());
        }
    }

    private static void path(String key, HangupPathConfig path, Duration maxDeadline) {
        pattern(key + "path", path.path());
        for (int i = 0; i < path.excludePaths().size(); i++) {
            pattern(key + "exclude-paths." + i, path.excludePaths().get(i));
        }
        FEATURE.check(key + "exclude-methods", path.methods().isEmpty() || path.excludeMethods().isEmpty(),
                      "cannot be combined with methods");
        path.deadline().ifPresent(it -> deadline(key + "deadline", it, maxDeadline));
    }

    private static void pattern(String key, String pattern) {
        try {
            PathMatchers.create(pattern);
        } catch (RuntimeException e) {
            FEATURE.check(key, false, "is not a path pattern: " + e.getMessage());
        }
        FEATURE.check(key, pattern.startsWith("/"), "must start with a slash, but is " + pattern);
    }

    private static void deadline(String key, Duration value, Duration max) {
        FEATURE.check(key, value.compareTo(MILLI) >= 0 && value.compareTo(max) <= 0,
                      "must be from " + MILLI + " to max-deadline (" + max + "), but is " + value);
    }

    @Prototype.ConfigFactoryMethod
    static Duration createDuration(Config config) {
        return ConfigNode.duration(config);
    }

    /**
     * Needed because SchemaGenerator (Helidon 4.5.0) otherwise looks for the blueprint in this package, where there is
     * none.
     */
    @Prototype.ConfigFactoryMethod("abandonment")
    static dev.hangup.abandonment.AbandonmentConfig createAbandonment(Config config) {
        return dev.hangup.abandonment.AbandonmentConfig.create(config);
    }

    /** Needed for the same reason. */
    @Prototype.ConfigFactoryMethod("cluster")
    static dev.hangup.cluster.ClusterConfig createCluster(Config config) {
        return dev.hangup.cluster.ClusterConfig.create(config);
    }

    @Prototype.ConfigFactoryMethod("minRate")
    static int createMinRate(Config config) {
        return ConfigNode.intBytes(config);
    }

    @Prototype.ConfigFactoryMethod("readAhead")
    static int createReadAhead(Config config) {
        return ConfigNode.intBytes(config);
    }

    @Prototype.ConfigFactoryMethod("readAheadPerAddress")
    static Long createReadAheadPerAddress(Config config) {
        return ConfigNode.bytes(config);
    }

    @Prototype.ConfigFactoryMethod("readAheadTotal")
    static Long createReadAheadTotal(Config config) {
        return ConfigNode.bytes(config);
    }
}

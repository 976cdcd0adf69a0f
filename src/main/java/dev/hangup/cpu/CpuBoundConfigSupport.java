package dev.hangup.cpu;

import java.time.Duration;
import java.util.Set;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;

/** Validates the configuration; error messages name the key. */
final class CpuBoundConfigSupport implements Prototype.BuilderDecorator<CpuBoundConfig.BuilderBase<?, ?>> {
    private static final Set<String> KEYS = Set.of("parallelism", "queue", "retry-after");
    private static final int MAX_PARALLELISM = 1024;

    @Override
    public void decorate(CpuBoundConfig.BuilderBase<?, ?> target) {
        ConfigBounds bounds = ConfigBounds.of(target.config(), KEYS);
        bounds.within("parallelism", target.parallelism(), 1, MAX_PARALLELISM);
        bounds.within("queue", target.queue(), 0, ConfigBounds.MAX_QUEUE);
        bounds.within("retry-after", target.retryAfter(), Duration.ofSeconds(1), Duration.ofHours(1));
    }

    @Prototype.ConfigFactoryMethod
    static Duration createDuration(Config config) {
        return ConfigNode.duration(config);
    }
}

package dev.hangup.cpu;

import java.time.Duration;

import dev.hangup.internal.config.ConfigBounds;

import io.helidon.builder.api.Prototype;

/** Checks what was configured, naming the key that is wrong. */
final class CpuBoundConfigSupport implements Prototype.BuilderDecorator<CpuBoundConfig.BuilderBase<?, ?>> {
    private static final int MAX_PARALLELISM = 1024;

    CpuBoundConfigSupport() {
    }

    @Override
    public void decorate(CpuBoundConfig.BuilderBase<?, ?> target) {
        ConfigBounds bounds = ConfigBounds.of(target.config());
        bounds.within("parallelism", target.parallelism(), 1, MAX_PARALLELISM);
        bounds.within("queue", target.queue(), 0, ConfigBounds.MAX_QUEUE);
        bounds.within("retry-after", target.retryAfter(), Duration.ofSeconds(1), Duration.ofHours(1));
    }
}

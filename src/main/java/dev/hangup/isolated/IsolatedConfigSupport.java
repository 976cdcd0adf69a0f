package dev.hangup.isolated;

import java.time.Duration;
import java.util.Set;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;

/** Validates the configuration; error messages name the key. */
final class IsolatedConfigSupport implements Prototype.BuilderDecorator<IsolatedConfig.BuilderBase<?, ?>> {
    private static final Set<String> KEYS = Set.of("size", "queue", "retry-after", "heap", "max-bytes", "start-timeout",
                                                   "archive", "options");
    private static final int MAX_SIZE = 256;
    private static final int MAX_BYTES = 1024 * 1024 * 1024;
    private static final long MIN_HEAP = 8L * 1024 * 1024;
    private static final long MAX_HEAP = 1L << 50;
    /** The heap needed for each byte of {@code max-bytes}: for the input, the result, and the task's own work. */
    private static final long HEAP_FOR_BYTES = 4;

    @Override
    public void decorate(IsolatedConfig.BuilderBase<?, ?> target) {
        ConfigBounds bounds = ConfigBounds.of(target.config(), KEYS);
        bounds.within("size", target.size(), 1, MAX_SIZE);
        bounds.within("queue", target.queue(), 0, ConfigBounds.MAX_QUEUE);
        bounds.within("retry-after", target.retryAfter(), Duration.ofSeconds(1), Duration.ofHours(1));
        bounds.within("max-bytes", target.maxBytes(), 1, MAX_BYTES);
        bounds.within("heap", target.heap(), Math.max(MIN_HEAP, HEAP_FOR_BYTES * target.maxBytes()), MAX_HEAP);
        bounds.within("start-timeout", target.startTimeout(), Duration.ofMillis(100), Duration.ofMinutes(10));
        bounds.trueOrFalse("archive", target.config());
    }

    @Prototype.ConfigFactoryMethod
    static Duration createDuration(Config config) {
        return ConfigNode.duration(config);
    }

    @Prototype.ConfigFactoryMethod("heap")
    static long createHeap(Config config) {
        return ConfigNode.bytes(config);
    }

    @Prototype.ConfigFactoryMethod("maxBytes")
    static int createMaxBytes(Config config) {
        return ConfigNode.intBytes(config);
    }
}

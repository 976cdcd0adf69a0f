package dev.hangup.cpu;

import java.time.Duration;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Configuration of {@link CpuBound}.
 */
@Prototype.Blueprint(decorator = CpuBoundConfigSupport.class)
@Prototype.CustomMethods(CpuBoundConfigSupport.CustomMethods.class)
@Prototype.Configured
interface CpuBoundConfigBlueprint extends Prototype.Factory<CpuBound> {
    /**
     * How many computations go on at a time. By default as many as there are processors.
     *
     * @return 1 to 1024
     */
    @Option.Configured
    @Option.DefaultCode("Runtime.getRuntime().availableProcessors()")
    int parallelism();

    /**
     * How many more may wait for their turn. Over it, requests are refused with 503.
     *
     * @return 0 to 1,000,000
     */
    @Option.Configured
    @Option.DefaultInt(64)
    int queue();

    /**
     * What the {@code Retry-After} of such a 503 says, in whole seconds.
     *
     * @return at least one second, at most an hour
     */
    @Option.Configured
    @Option.Default("PT1S")
    Duration retryAfter();
}

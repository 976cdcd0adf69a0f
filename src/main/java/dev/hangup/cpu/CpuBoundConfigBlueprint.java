package dev.hangup.cpu;

import java.time.Duration;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Configuration of {@link CpuBound}.
 */
@Prototype.Blueprint(decorator = CpuBoundConfigSupport.class)
@Prototype.CustomMethods(CpuBoundConfigSupport.class)
@Prototype.Configured
interface CpuBoundConfigBlueprint extends Prototype.Factory<CpuBound> {
    /**
     * Maximum number of computations that run at a time. The default is the number of processors.
     *
     * @return 1 to 1024
     */
    @Option.Configured
    @Option.DefaultCode("Runtime.getRuntime().availableProcessors()")
    int parallelism();

    /**
     * Maximum number of calls that wait. Calls beyond it are refused with 503.
     *
     * @return 0 to 1,000,000
     */
    @Option.Configured
    @Option.DefaultInt(64)
    int queue();

    /**
     * Value of {@code Retry-After} in the 503 responses to refused calls; whole seconds.
     *
     * @return at least one second, at most an hour
     */
    @Option.Configured
    @Option.Default("PT1S")
    Duration retryAfter();
}

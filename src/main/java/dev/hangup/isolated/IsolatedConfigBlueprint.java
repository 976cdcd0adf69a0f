package dev.hangup.isolated;

import java.time.Duration;
import java.util.List;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Configuration of {@link Isolated}.
 */
@Prototype.Blueprint(decorator = IsolatedConfigSupport.class)
@Prototype.CustomMethods(IsolatedConfigSupport.class)
@Prototype.Configured
interface IsolatedConfigBlueprint extends Prototype.Factory<Isolated> {
    /**
     * Number of workers, each a JVM of its own. The default is the number of processors.
     *
     * @return 1 to 256
     */
    @Option.Configured
    @Option.DefaultCode("Runtime.getRuntime().availableProcessors()")
    int size();

    /**
     * Maximum number of calls that wait for a worker. Calls beyond it are refused with 503.
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

    /**
     * Maximum heap size of each worker.
     *
     * @return bytes, at least 8 MiB and at least four times {@link #maxBytes()}
     */
    @Option.Configured
    @Option.DefaultLong(64 * 1024 * 1024)
    long heap();

    /**
     * Maximum size of the input of a call, and of its result.
     *
     * @return bytes, 1 to 1 GiB
     */
    @Option.Configured
    @Option.DefaultInt(16 * 1024 * 1024)
    int maxBytes();

    /**
     * Maximum time that a worker may take to become ready.
     *
     * @return 100 milliseconds to 10 minutes
     */
    @Option.Configured
    @Option.Default("PT10S")
    Duration startTimeout();

    /**
     * Whether to archive the classes that workers load first (class-data sharing), so that later workers start faster.
     * Archiving happens once, in the background. It takes half a second of CPU time and a few megabytes of disk space.
     *
     * @return whether to archive them
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean archive();

    /**
     * More options for the workers' JVMs, such as {@code -Djava.library.path=/opt/lib}. The server's own options are not passed
     * on.
     *
     * @return options of the {@code java} command
     */
    @Option.Configured
    @Option.Singular
    List<String> options();
}

package dev.hangup.isolated;

import java.time.Duration;
import java.util.List;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Configuration of {@link Isolated}.
 */
@Prototype.Blueprint(decorator = IsolatedConfigSupport.class)
@Prototype.CustomMethods(IsolatedConfigSupport.CustomMethods.class)
@Prototype.Configured
interface IsolatedConfigBlueprint extends Prototype.Factory<Isolated> {
    /**
     * How many workers there are, each a JVM of its own. By default as many as there are cores.
     *
     * @return 1 to 256
     */
    @Option.Configured
    @Option.DefaultCode("Runtime.getRuntime().availableProcessors()")
    int size();

    /**
     * How many calls may wait for a worker; more are refused with 503.
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

    /**
     * The largest heap of each worker.
     *
     * @return bytes, at least 8 MiB, and four times {@link #maxBytes()}
     */
    @Option.Configured
    @Option.DefaultLong(64 * 1024 * 1024)
    long heap();

    /**
     * How large the input of a call may be, and how large its result.
     *
     * @return bytes, 1 to 1 GiB
     */
    @Option.Configured
    @Option.DefaultInt(16 * 1024 * 1024)
    int maxBytes();

    /**
     * How long a worker may take until it is ready.
     *
     * @return 100 milliseconds to 10 minutes
     */
    @Option.Configured
    @Option.Default("PT10S")
    Duration startTimeout();

    /**
     * Whether to archive the classes that workers begin with (class-data sharing), so that those that are started later are
     * ready sooner. That takes half a second of CPU time, once, in the background, and a few megabytes of disk space.
     *
     * @return whether to
     */
    @Option.Configured
    @Option.DefaultBoolean(true)
    boolean archive();

    /**
     * More options for the workers' JVMs, such as {@code -Djava.library.path=/opt/lib}. None of the server's are handed on.
     *
     * @return options of the {@code java} command
     */
    @Option.Configured
    @Option.Singular
    List<String> options();
}

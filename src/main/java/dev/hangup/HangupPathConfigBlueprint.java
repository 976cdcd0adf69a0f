package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import io.helidon.http.Method;

/**
 * Requests that run under Hangup although their handlers are unaware of it.
 */
@Prototype.Blueprint(decorator = HangupPathConfigSupport.class)
@Prototype.CustomMethods(HangupPathConfigSupport.class)
@Prototype.Configured
interface HangupPathConfigBlueprint {
    /**
     * The pattern that a request's path must match, in the form that routes use, such as {@code /reports/*}.
     *
     * @return path pattern
     */
    @Option.Configured
    @Option.Required
    String path();

    /**
     * HTTP methods that match; all methods if empty.
     *
     * @return methods
     */
    @Option.Configured
    List<Method> methods();

    /**
     * Patterns of paths that do not match, although {@link #path()} does. Such a request runs as if this entry did not exist.
     *
     * @return path patterns
     */
    @Option.Configured
    @Option.Singular
    List<String> excludePaths();

    /**
     * HTTP methods that do not match. Such a request runs as if this entry did not exist. Cannot be combined with {@link
     * #methods()}.
     *
     * @return methods
     */
    @Option.Configured
    @Option.Singular
    List<Method> excludeMethods();

    /**
     * Deadline of such requests, instead of the server's {@code deadline}.
     *
     * @return one millisecond to {@code max-deadline} of the server
     */
    @Option.Configured
    Optional<Duration> deadline();
}

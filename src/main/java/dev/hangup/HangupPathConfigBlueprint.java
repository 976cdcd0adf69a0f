package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import io.helidon.http.Method;

/**
 * Requests that run under Hangup although the code that handles them knows nothing of it.
 */
@Prototype.Blueprint(decorator = HangupPathConfigSupport.class)
@Prototype.CustomMethods(HangupPathConfigSupport.CustomMethods.class)
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
     * The methods that a request must have one of. All methods if empty.
     *
     * @return methods
     */
    @Option.Configured
    List<Method> methods();

    /**
     * How long such a request may take, instead of the server's {@code deadline}.
     *
     * @return a positive duration
     */
    @Option.Configured
    Optional<Duration> deadline();
}

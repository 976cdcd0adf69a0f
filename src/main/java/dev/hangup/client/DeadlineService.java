package dev.hangup.client;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Optional;

import dev.hangup.Deadline;
import dev.hangup.internal.config.ConfigBounds;

import io.helidon.config.Config;
import io.helidon.webclient.api.WebClientServiceRequest;
import io.helidon.webclient.api.WebClientServiceResponse;
import io.helidon.webclient.spi.WebClientService;

/**
 * Propagates the deadline of the current request in all calls of a Helidon {@code WebClient}. Add it with {@code
 * WebClient.builder().addService(new DeadlineService())}, or {@code services.hangup-deadline.enabled: true} in the client's
 * configuration. A request object that is sent again, for example by a retry, gets the time that is left then.
 * <p>
 * If no time is left, the call is not made: {@link UncheckedIOException} is thrown, with the thread's interrupt status set. A call
 * whose caller has set the header keeps it, and is made even if no time is left.
 * <p>
 * Instances may be used by any thread.
 */
public final class DeadlineService implements WebClientService {
    /** The type of the service, which is its name in the configuration of a client. */
    public static final String TYPE = "hangup-deadline";

    private final String name;
    private final boolean enabled;

    /** Creates an enabled service. */
    public DeadlineService() {
        this(TYPE, true);
    }

    private DeadlineService(String name, boolean enabled) {
        this.name = name;
        this.enabled = enabled;
    }

    /**
     * Creates a service from configuration. It is enabled only if {@code enabled} is true. In the configuration of a client,
     * Helidon reads {@code enabled} first: for a word that it does not take for true, such as a misspelt one, the client has no
     * such service, and this method is not called.
     *
     * @param config located at the service's own node
     * @param name   name of the instance
     * @return the service
     * @throws io.helidon.config.ConfigException if {@code enabled} is neither true nor false; the message contains the key
     */
    public static DeadlineService create(Config config, String name) {
        ConfigBounds.of(Optional.of(config)).trueOrFalse("enabled", Optional.of(config));
        return new DeadlineService(name, config.get("enabled").asBoolean().orElse(false));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WebClientServiceResponse handle(Chain chain, WebClientServiceRequest request) {
        if (!enabled || request.headers().contains(Deadline.HEADER_NAME)) {
            return chain.proceed(request);
        }
        Optional<String> millis;
        try {
            millis = OutgoingDeadline.millis();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException((InterruptedIOException) new InterruptedIOException("The call to "
                    + request.uri() + " was not made: " + e.getMessage()).initCause(e));
        }
        if (millis.isEmpty()) {
            return chain.proceed(request);
        }
        request.headers().set(Deadline.HEADER_NAME, millis.get());
        try {
            return chain.proceed(request);
        } finally {
            // these are the headers of the request object, whose next attempt has less time
            request.headers().remove(Deadline.HEADER_NAME);
        }
    }
}

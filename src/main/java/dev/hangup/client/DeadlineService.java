package dev.hangup.client;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

import dev.hangup.Deadline;

import io.helidon.config.Config;
import io.helidon.webclient.api.WebClientServiceRequest;
import io.helidon.webclient.api.WebClientServiceResponse;
import io.helidon.webclient.spi.WebClientService;

/**
 * {@link OutgoingDeadline} for Helidon's {@code WebClient}: {@code WebClient.builder().addService(new DeadlineService())},
 * or {@code services.hangup-deadline.enabled: true} in its configuration. A call that has the header already keeps it.
 * <p>
 * A call for which no time is left is not made: {@link UncheckedIOException}, with the thread's interrupt status set. For use
 * by any thread.
 */
public final class DeadlineService implements WebClientService {
    /** The type of the service: what the configuration of a client calls it. */
    public static final String TYPE = "hangup-deadline";

    private final String name;
    private final boolean enabled;

    /** A service that tells all calls. */
    public DeadlineService() {
        this(TYPE, true);
    }

    private DeadlineService(String name, boolean enabled) {
        this.name = name;
        this.enabled = enabled;
    }

    /**
     * The service as configured: one that tells all calls if {@code enabled} is true, and none otherwise.
     *
     * @param config located at the service's own node
     * @param name   name of the instance
     * @return the service
     */
    public static DeadlineService create(Config config, String name) {
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
        if (enabled && !request.headers().contains(Deadline.HEADER_NAME)) {
            try {
                OutgoingDeadline.millis().ifPresent(it -> request.headers().set(Deadline.HEADER_NAME, it));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedIOException((InterruptedIOException) new InterruptedIOException("No call of "
                        + request.uri() + " is made: " + e.getMessage()).initCause(e));
            }
        }
        return chain.proceed(request);
    }
}

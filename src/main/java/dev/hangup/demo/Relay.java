package dev.hangup.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

import dev.hangup.Computation;
import dev.hangup.race.Deadline;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.http.ServerRequest;

/**
 * Work that waits for another service: the answer is what a GET of {@code relay.url} gets.
 * <p>
 * Helidon's client blocks in the socket itself, which a virtual thread's interrupt closes: so the outgoing call ends
 * the moment that this work is stopped.
 */
final class Relay implements Computation<byte[]> {
    private static final System.Logger LOGGER = System.getLogger(Relay.class.getName());
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private final Optional<URI> target;
    private final WebClient client = WebClient.builder()
            .connectTimeout(Duration.ofSeconds(5))
            .readTimeout(Duration.ofHours(1))
            .keepAlive(false)
            .followRedirects(false)
            .build();

    private Relay(Optional<URI> target) {
        this.target = target;
    }

    static Relay create(Config config) {
        return new Relay(config.get("url").asString().asOptional().filter(it -> !it.isBlank()).map(Relay::target));
    }

    @Override
    public byte[] compute(ServerRequest request) throws InterruptedException {
        URI uri = target.orElseThrow(() -> new HttpException("No target is set: set relay.url, or RELAY_URL in the environment",
                                                             Status.SERVICE_UNAVAILABLE_503, true));
        HttpClientRequest call = client.get().uri(uri);
        Deadline.current().ifPresent(it -> call.header(Deadline.HEADER_NAME,
                                                       String.valueOf(Math.max(1, it.remaining().toMillis()))));
        try (HttpClientResponse response = call.request()) {
            if (response.status().family() != Status.Family.SUCCESSFUL) {
                throw badGateway("The relay's target answered " + response.status().code());
            }
            return read(response.inputStream());
        } catch (HttpException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            if (Thread.interrupted()) {
                LOGGER.log(System.Logger.Level.WARNING, request.path().path() + ": aborted the call of " + uri);
                throw new InterruptedException("The call was aborted");
            }
            LOGGER.log(System.Logger.Level.WARNING, request.path().path() + ": the call of " + uri + " failed: " + e);
            throw badGateway("The relay's target could not be reached");
        }
    }

    private static byte[] read(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw badGateway("The answer of the relay's target is larger than " + MAX_BYTES + " bytes");
        }
        return bytes;
    }

    private static HttpException badGateway(String message) {
        return new HttpException(message, Status.BAD_GATEWAY_502, true);
    }

    private static URI target(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new ConfigException("relay.url must be an http or https address, but is " + url);
    }
}

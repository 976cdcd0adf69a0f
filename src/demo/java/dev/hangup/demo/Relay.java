package dev.hangup.demo;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;

import dev.hangup.Computation;
import dev.hangup.internal.text.Printable;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.ServerRequest;

/**
 * Waits for another service: sends a GET to {@code relay.url}, and returns its response. If that URL has no query, the query of
 * the request is appended. The outgoing call ends when this work is cancelled, and carries the deadline of the request.
 */
final class Relay implements Computation<byte[]> {
    private static final System.Logger LOGGER = System.getLogger(Relay.class.getName());

    private final Optional<URI> target;
    private final RelayClient client = new RelayClient();

    private Relay(Optional<URI> target) {
        this.target = target;
    }

    static Relay create(Config config) {
        return new Relay(config.get("url").asString().asOptional().filter(it -> !it.isBlank()).map(Relay::target));
    }

    /** Returns whether {@code relay.url} is set. */
    boolean hasTarget() {
        return target.isPresent();
    }

    /** Returns the client, which is closed with the server. */
    HttpFeature client() {
        return client;
    }

    @Override
    public byte[] compute(ServerRequest request) throws InterruptedException {
        URI uri = target.map(it -> withQuery(it, request))
                .orElseThrow(() -> new HttpException("No target is set: set relay.url, or RELAY_URL in the environment",
                                                     Status.SERVICE_UNAVAILABLE_503, true));
        try {
            return client.get(uri);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                LOGGER.log(System.Logger.Level.WARNING, request.path().path() + ": aborted the call of "
                        + Printable.line(uri.toString()));
                throw (InterruptedException) new InterruptedException("The call was aborted").initCause(e);
            }
            LOGGER.log(System.Logger.Level.WARNING, request.path().path() + ": the call of "
                    + Printable.line(uri.toString()) + " failed: " + Printable.line(e.toString()));
            throw RelayClient.badGateway("The relay's target could not be reached");
        }
    }

    private static URI withQuery(URI target, ServerRequest request) {
        if (target.getRawQuery() != null || request.query().isEmpty()) {
            return target;
        }
        try {
            return URI.create(target + "?" + request.query().rawValue());
        } catch (IllegalArgumentException e) {
            throw new HttpException("This query cannot be relayed", Status.BAD_REQUEST_400, true);
        }
    }

    private static URI target(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // the exception below gives the reason
        }
        throw new ConfigException("relay.url must be an http or https address, but is " + url);
    }
}

package dev.hangup.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.concurrent.TimeUnit;

import dev.hangup.client.OutgoingDeadline;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;

/**
 * Calls that an interrupt ends at once, over connections that are kept alive.
 * <p>
 * Apache's client blocks in the socket itself, which a virtual thread's interrupt closes; a connection whose answer was not
 * read to its end never goes back to the pool. Helidon's client does the same as long as it keeps no connections alive: of
 * one that was used before, another thread reads for up to 101 ms, and an interrupt within these leaves the connection open
 * ({@code IdleInputStream.endIdle} of 4.5.0). The JDK's client closes it too, a little later, since other threads do.
 * <p>
 * For use by any thread; closed with the server whose feature it is.
 */
final class RelayClient implements HttpFeature {
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private final CloseableHttpClient client = HttpClients.custom()
            .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setConnectTimeout(5, TimeUnit.SECONDS)
                            .setSocketTimeout(1, TimeUnit.HOURS)
                            .build())
                    // Nobody waits for a connection: as many requests as there are may call. Whoever is interrupted while
                    // it waits would lose the connection that it is given in that instant.
                    .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                    .setMaxConnPerRoute(Integer.MAX_VALUE)
                    .build())
            .evictIdleConnections(TimeValue.ofSeconds(30))
            .setRetryStrategy(new StaleConnections())
            .disableRedirectHandling()
            .disableContentCompression()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableConnectionState()
            .build();

    /**
     * The body of what a GET is answered with.
     *
     * @throws InterruptedException if no time is left for the call
     * @throws IOException          if the call fails, or the thread is interrupted in the middle of it; its interrupt status
     *                              is set then
     * @throws HttpException        if the answer is of no use
     */
    byte[] get(URI uri) throws IOException, InterruptedException {
        HttpGet call = new HttpGet(uri);
        OutgoingDeadline.propagate(call::setHeader);
        try {
            return body(client.executeOpen(null, call, null));
        } finally {
            // closes the connection if there is more to be read; otherwise it is in the pool already
            call.cancel();
        }
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        // nothing but its end concerns the server
    }

    @Override
    public void afterStop() {
        client.close(CloseMode.IMMEDIATE);
    }

    private static byte[] body(ClassicHttpResponse response) throws IOException {
        Status status = Status.create(response.getCode());
        if (status.code() == Status.SERVICE_UNAVAILABLE_503.code()) {
            throw unavailable(response.getFirstHeader(HttpHeaders.RETRY_AFTER));
        }
        if (status.family() != Status.Family.SUCCESSFUL) {
            throw badGateway("The relay's target answered " + status.code());
        }
        if (response.getEntity() == null) {
            return new byte[0];
        }
        InputStream body = response.getEntity().getContent();
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw badGateway("The answer of the relay's target is larger than " + MAX_BYTES + " bytes");
        }
        return bytes;
    }

    /** For the client to come again when the target would have it. */
    private static HttpException unavailable(Header retryAfter) {
        HttpException unavailable = new HttpException("The relay's target is not available",
                                                      Status.SERVICE_UNAVAILABLE_503, true);
        return retryAfter == null
                ? unavailable
                : unavailable.header(HeaderValues.create(HeaderNames.RETRY_AFTER, retryAfter.getValue()));
    }

    static HttpException badGateway(String message) {
        return new HttpException(message, Status.BAD_GATEWAY_502, true);
    }
}

package dev.hangup.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.concurrent.TimeUnit;

import dev.hangup.client.OutgoingDeadline;

import io.helidon.common.LazyValue;
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
 * An HTTP client whose calls end at once on an interrupt, with kept-alive connections.
 * <p>
 * Apache's client blocks in the socket itself, which an interrupt of a virtual thread closes. A connection whose response was
 * not read to its end never returns to the pool. Helidon's client does the same only without keep-alive: another thread reads
 * from a reused connection for up to 101 ms, and an interrupt in that time leaves the connection open
 * ({@code IdleInputStream.endIdle} of 4.5.0). The JDK's client also closes the connection, but a little later, since other
 * threads do it.
 * <p>
 * Any thread may use the client. It is closed with the server of which it is a feature.
 */
final class RelayClient implements HttpFeature {
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    /** Created for the first call: some 360 classes are loaded for it, which would delay the server's start. */
    private final LazyValue<CloseableHttpClient> client = LazyValue.create(() -> HttpClients.custom()
            .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setConnectTimeout(5, TimeUnit.SECONDS)
                            .setSocketTimeout(1, TimeUnit.HOURS)
                            .build())
                    // Unbounded, so that no call waits for a connection: an interrupted waiter would lose a connection that it
                    // is given at that moment.
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
            .build());

    /**
     * Sends a GET, and returns the body of the response.
     *
     * @throws InterruptedException if no time is left for the call
     * @throws IOException          if the call fails, or the thread is interrupted during the call; the interrupt status is
     *                              then set
     * @throws HttpException        if the response is an error
     */
    byte[] get(URI uri) throws IOException, InterruptedException {
        HttpGet call = new HttpGet(uri);
        OutgoingDeadline.propagate(call::setHeader);
        try {
            return body(client.get().executeOpen(null, call, null));
        } finally {
            // closes the connection if there is more to be read; otherwise it is in the pool already
            call.cancel();
        }
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        // no routes: only the server's end matters
    }

    @Override
    public void afterStop() {
        if (client.isLoaded()) {
            client.get().close(CloseMode.IMMEDIATE);
        }
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

    /** Returns a 503 with the target's {@code Retry-After}. */
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

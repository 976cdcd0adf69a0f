package dev.hangup.testing;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.outcome.RequestEnd;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

/**
 * A server under Hangup on a port of its own. With {@code -Dhangup.watch=false} its watcher is off, so that it can be
 * seen that tests of departures fail without it.
 */
public final class TestServer implements AutoCloseable {
    private final BlockingQueue<RequestEnd> ends = new LinkedBlockingQueue<>();
    private final WebServer server;
    private final Transport transport;

    private TestServer(Transport transport, Consumer<WebServerConfig.Builder> server, Consumer<HangupConfig.Builder> hangup,
                       Consumer<HttpRouting.Builder> routing) {
        this.transport = transport;
        this.server = WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                // without this, each part of a response waits 40 ms for the acknowledgement of the one before
                .connectionOptions(it -> it.tcpNoDelay(true))
                // on a slow machine, all work is unresponsive now and then
                .addFeature(Hangup.builder().watch(Await.WATCHED).unresponsiveAfter(Duration.ofHours(1)).addListener(ends::add)
                                    .update(hangup).build())
                .routing(routing)
                .update(transport::configure)
                .update(server)
                .build()
                .start();
    }

    /** With Hangup's defaults. */
    public static TestServer start(Consumer<HttpRouting.Builder> routing) {
        return start(hangup -> { }, routing);
    }

    /** With Hangup as configured. */
    public static TestServer start(Consumer<HangupConfig.Builder> hangup, Consumer<HttpRouting.Builder> routing) {
        return start(server -> { }, hangup, routing);
    }

    /** With server and Hangup as configured. */
    public static TestServer start(Consumer<WebServerConfig.Builder> server, Consumer<HangupConfig.Builder> hangup,
                                   Consumer<HttpRouting.Builder> routing) {
        return new TestServer(Transport.CLEAR, server, hangup, routing);
    }

    /** With Hangup's defaults, over a transport. */
    public static TestServer start(Transport transport, Consumer<HttpRouting.Builder> routing) {
        return start(transport, hangup -> { }, routing);
    }

    /** With Hangup as configured, over a transport. */
    public static TestServer start(Transport transport, Consumer<HangupConfig.Builder> hangup,
                                   Consumer<HttpRouting.Builder> routing) {
        return new TestServer(transport, server -> { }, hangup, routing);
    }

    /** With server and Hangup as configured, over a transport. */
    public static TestServer start(Transport transport, Consumer<WebServerConfig.Builder> server,
                                   Consumer<HangupConfig.Builder> hangup, Consumer<HttpRouting.Builder> routing) {
        return new TestServer(transport, server, hangup, routing);
    }

    /** The server itself. */
    public WebServer server() {
        return server;
    }

    /** The feature. */
    public Hangup hangup() {
        return server.prototype().features().stream().filter(Hangup.class::isInstance).map(Hangup.class::cast).findFirst()
                .orElseThrow();
    }

    /** Where it listens. */
    public int port() {
        return server.port();
    }

    /**
     * Sends a request and forgets its end. On a busy machine, the classes for the first one may take longer to load than a
     * short deadline allows.
     */
    public TestServer warm(String path) {
        try (RawClient client = connect()) {
            client.get(path).read();
        }
        nextEnd();
        return this;
    }

    /** A client that is connected. */
    public RawClient connect() {
        return transport.connect(port());
    }

    /** Waits for the end of the next request that ends. */
    public RequestEnd nextEnd() {
        try {
            RequestEnd end = ends.poll(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
            if (end == null) {
                throw new AssertionError("No request has ended in time");
            }
            return end;
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while waiting for a request to end", e);
        }
    }

    /** Waits for the end of the next request of a kind that ends; forgets the others. */
    public RequestEnd nextEnd(Predicate<RequestEnd> kind) {
        RequestEnd end = nextEnd();
        while (!kind.test(end)) {
            end = nextEnd();
        }
        return end;
    }

    /** How many ends are there that nobody has asked for. */
    public int endsLeft() {
        return ends.size();
    }

    @Override
    public void close() {
        server.stop();
    }
}

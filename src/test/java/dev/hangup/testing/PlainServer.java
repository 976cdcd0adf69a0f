package dev.hangup.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import dev.hangup.internal.connection.WatchedContext;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionProvider;
import io.helidon.webserver.http2.Http2UpgradeProvider;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsUpgrader;

/** A server of Helidon's, without Hangup, on a port of its own. It tells which threads run its connections. */
public final class PlainServer implements AutoCloseable {
    private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
    private final WebServer server;

    private PlainServer(Builder builder, Consumer<HttpRouting.Builder> routing) {
        this.server = WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                // not those of Hangup, which are found otherwise
                .protocolsDiscoverServices(false)
                .addConnectionSelector(observed(http1(builder.http1, builder.http2), builder.writer))
                .addConnectionSelector(observed(http2(builder.http2), builder.writer))
                .routing(routing)
                .update(builder.server)
                .build()
                .start();
    }

    /** As Helidon is by default. */
    public static PlainServer start(Consumer<HttpRouting.Builder> routing) {
        return builder().start(routing);
    }

    /** What to set up before it starts. */
    public static Builder builder() {
        return new Builder();
    }

    /** The server itself. */
    public WebServer server() {
        return server;
    }

    /** Where it listens. */
    public int port() {
        return server.port();
    }

    /** A client of HTTP/1.1 that is connected. */
    public RawClient connect() {
        return RawClient.connect(port());
    }

    /** A client of HTTP/2 that is connected. */
    public Http2Client connectHttp2() {
        return Http2Client.over(connect());
    }

    /** Waits for the next connection. */
    public Connection nextConnection() {
        try {
            Connection connection = connections.poll(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
            if (connection == null) {
                throw new AssertionError("Nobody has connected in time");
            }
            return connection;
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while waiting for a connection", e);
        }
    }

    @Override
    public void close() {
        server.stop();
    }

    private static ServerConnectionSelector http1(Http1Config http1, Http2Config http2) {
        return Http1ConnectionSelector.builder()
                .config(http1)
                .addUpgrader(Http2UpgradeProvider.builder().build().create(http2, ProtocolConfigs.create(List.of())))
                .addUpgrader(WsUpgrader.create(WsConfig.create()))
                .build();
    }

    @SuppressWarnings("deprecation") // Helidon keeps the constructor for ServiceLoader, and has no other way to a selector
    private static ServerConnectionSelector http2(Http2Config config) {
        return new Http2ConnectionProvider().create(WebServer.DEFAULT_SOCKET_NAME, config,
                                                    ProtocolConfigs.create(List.of()));
    }

    private ServerConnectionSelector observed(ServerConnectionSelector selector, UnaryOperator<DataWriter> writer) {
        return new ServerConnectionSelector() {
            @Override
            public int bytesToIdentifyConnection() {
                return selector.bytesToIdentifyConnection();
            }

            @Override
            public Support supports(BufferData data) {
                return selector.supports(data);
            }

            @Override
            public Set<String> supportedApplicationProtocols() {
                return selector.supportedApplicationProtocols();
            }

            @Override
            public ServerConnection connection(ConnectionContext ctx) {
                ServerConnection connection = selector.connection(new WatchedContext(
                        ctx, ctx.dataReader(), writer.apply(ctx.dataWriter()), ctx.remotePeer(), UnaryOperator.identity()));
                connections.add(new Connection(connection, Thread.currentThread()));
                return connection;
            }
        };
    }

    /**
     * A connection of Helidon's.
     *
     * @param itself as the server closes it
     * @param thread runs it
     */
    public record Connection(ServerConnection itself, Thread thread) {
        /** Waits until it waits in a method. */
        public void awaitIn(Class<?> type, String method) {
            Await.until("the connection is in " + type.getName() + "." + method, () -> Arrays.stream(thread.getStackTrace())
                    .anyMatch(it -> it.getClassName().equals(type.getName()) && it.getMethodName().equals(method)));
        }

        /** Waits until it is over. */
        public void awaitEnd() {
            Await.until("the end of the connection", () -> !thread.isAlive());
        }
    }

    /** What to set up before a server starts. */
    public static final class Builder {
        private Http1Config http1 = Http1Config.create();
        private Http2Config http2 = Http2Config.create();
        private UnaryOperator<DataWriter> writer = UnaryOperator.identity();
        private Consumer<WebServerConfig.Builder> server = it -> { };

        private Builder() {
        }

        /** HTTP/1.1. */
        public Builder http1(Http1Config config) {
            http1 = config;
            return this;
        }

        /** HTTP/2. */
        public Builder http2(Http2Config config) {
            http2 = config;
            return this;
        }

        /** What stands between a connection and what it is written with. */
        public Builder writer(UnaryOperator<DataWriter> between) {
            writer = between;
            return this;
        }

        /** All else. */
        public Builder server(Consumer<WebServerConfig.Builder> config) {
            server = config;
            return this;
        }

        /** Starts it. */
        public PlainServer start(Consumer<HttpRouting.Builder> routing) {
            return new PlainServer(this, routing);
        }
    }
}

package dev.hangup.bench;

import java.util.List;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Transport;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http2.Http2Config;

/** What a request travels over, and how its client leaves. */
sealed interface WayToLeave extends AutoCloseable {
    /** All that are measured. */
    static List<WayToLeave> all() {
        return List.of(new Http1(Transport.CLEAR), new Http1(Transport.TLS_1_2), new Http1(Transport.TLS_1_3),
                       new Http2End(Http2Opening.PRIOR_KNOWLEDGE), new Http2Reset(Http2Opening.PRIOR_KNOWLEDGE),
                       new Http2End(Http2Opening.ALPN), new Http2Reset(Http2Opening.ALPN));
    }

    /** The one with that name. */
    static WayToLeave named(String name) {
        return all().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
    }

    /** What to call it. */
    String name();

    /** Sets up a server for it. */
    void configure(WebServerConfig.Builder server);

    /** Sends a GET; what is returned leaves. */
    Runnable ask(int port, String path);

    /** The transport below, for servers that know no HTTP. */
    Transport transport();

    /** Closes a connection that outlives its requests. */
    @Override
    default void close() {
    }

    /** A connection that is closed. */
    record Http1(Transport transport) implements WayToLeave {
        @Override
        public String name() {
            return transport.name();
        }

        @Override
        public void configure(WebServerConfig.Builder server) {
            transport.configure(server);
        }

        @Override
        public Runnable ask(int port, String path) {
            RawClient client = transport.connect(port).get(path);
            return client::leave;
        }
    }

    /** An HTTP/2 connection that is closed. */
    record Http2End(Http2Opening opening) implements WayToLeave {
        @Override
        public String name() {
            return "HTTP2_" + opening.name() + "_END";
        }

        @Override
        public void configure(WebServerConfig.Builder server) {
            opening.configure(server);
        }

        @Override
        public Runnable ask(int port, String path) {
            Http2Client client = opening.connect(port);
            client.get(path);
            return client::close;
        }

        @Override
        public Transport transport() {
            return opening == Http2Opening.ALPN ? Transport.TLS_1_3 : Transport.CLEAR;
        }
    }

    /** One of an HTTP/2 connection's streams that is reset. */
    final class Http2Reset implements WayToLeave {
        private final Http2Opening opening;
        /** To the server that was asked last. */
        private Http2Client client;
        private int connectedTo;

        Http2Reset(Http2Opening opening) {
            this.opening = opening;
        }

        @Override
        public String name() {
            return "HTTP2_" + opening.name() + "_RESET";
        }

        @Override
        public void configure(WebServerConfig.Builder server) {
            opening.configure(server);
            server.addProtocol(Http2Config.builder().maxRapidResets(-1).build());
        }

        @Override
        public Runnable ask(int port, String path) {
            if (connectedTo != port) {
                client = opening.connect(port);
                connectedTo = port;
            }
            int id = client.get(path);
            return () -> client.send(Http2Client.reset(id));
        }

        @Override
        public Transport transport() {
            return opening == Http2Opening.ALPN ? Transport.TLS_1_3 : Transport.CLEAR;
        }

        @Override
        public void close() {
            client.close();
        }
    }
}

package dev.hangup.bench;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;

/** What a request travels over, and how its client leaves. */
interface WayToLeave {
    /** All of them. */
    static List<WayToLeave> all() {
        return Stream.of(Stream.of(Transport.values()).map(Http1::new),
                         Stream.of(Http2Opening.PRIOR_KNOWLEDGE, Http2Opening.ALPN).map(Http2End::new),
                         Stream.of(Http2Opening.PRIOR_KNOWLEDGE, Http2Opening.ALPN).map(Http2Reset::new))
                .<WayToLeave>flatMap(it -> it)
                .toList();
    }

    /** What to call it. */
    String name();

    /** A server for it. */
    TestServer serve(Consumer<HttpRouting.Builder> routing);

    /** Sends a GET; what is returned leaves. */
    Runnable ask(TestServer server, String path);

    /** A connection that is closed. */
    record Http1(Transport transport) implements WayToLeave {
        @Override
        public String name() {
            return transport.name();
        }

        @Override
        public TestServer serve(Consumer<HttpRouting.Builder> routing) {
            return TestServer.start(transport, routing);
        }

        @Override
        public Runnable ask(TestServer server, String path) {
            RawClient client = server.connect().get(path);
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
        public TestServer serve(Consumer<HttpRouting.Builder> routing) {
            return TestServer.start(opening::configure, hangup -> { }, routing);
        }

        @Override
        public Runnable ask(TestServer server, String path) {
            Http2Client client = opening.connect(server.port());
            client.get(path);
            return client::close;
        }
    }

    /** One of an HTTP/2 connection's streams that is reset. */
    final class Http2Reset implements WayToLeave {
        private final Http2Opening opening;
        /** To the server that was last served. */
        private Http2Client client;

        Http2Reset(Http2Opening opening) {
            this.opening = opening;
        }

        @Override
        public String name() {
            return "HTTP2_" + opening.name() + "_RESET";
        }

        @Override
        public TestServer serve(Consumer<HttpRouting.Builder> routing) {
            client = null;
            return TestServer.start(server -> {
                opening.configure(server);
                server.addProtocol(Http2Config.builder().maxRapidResets(-1).build());
            }, hangup -> { }, routing);
        }

        @Override
        public Runnable ask(TestServer server, String path) {
            if (client == null) {
                client = opening.connect(server.port());
            }
            int id = client.get(path);
            return () -> client.send(Http2Client.reset(id));
        }
    }
}

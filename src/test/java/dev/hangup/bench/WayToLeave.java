package dev.hangup.bench;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;

/** What a request travels over, and how its client leaves. */
interface WayToLeave {
    /** All of them. */
    static List<WayToLeave> all() {
        return Stream.of(Transport.values()).<WayToLeave>map(Http1::new).toList();
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
}

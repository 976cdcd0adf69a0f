package dev.hangup.internal.connection;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Departure;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The client leaves in the middle of its answer. */
class DepartureFromWriterTest {
    private static final byte[] PIECE = new byte[64 * 1024];

    private final Trail trail = new Trail();
    private final CompletableFuture<Thread> writer = new CompletableFuture<>();

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#all")
    void betweenTwoPieces(Departure departure) {
        try (TestServer server = TestServer.start(departure.transport(), this::routing);
                RawClient client = server.connect()) {
            client.get("/slow");
            client.readHead();
            trail.await("started");
            departure.leave(client);
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    // under TLS too, since nothing is said there before the connection's end
    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void whileWriterWaitsForReaderThatWantsNoMore(Transport transport) {
        stopsBlockedWriter(transport, RawClient::endConnectionsOutput);
    }

    // not a test of the watcher: the write fails, and that says it all
    @ParameterizedTest
    @EnumSource
    void whileWriterWaits(Transport transport) {
        stopsBlockedWriter(transport, RawClient::vanish);
    }

    @ParameterizedTest
    @EnumSource
    void whileWriterWaitsForReaderThatResets(Transport transport) {
        stopsBlockedWriter(transport, RawClient::reset);
    }

    /** It has read some, now and then, with the writer held back in between. */
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#ordinary")
    void whileWriterWaitsForSlowReader(Departure departure) {
        stopsBlockedWriter(departure.transport(), client -> {
            for (int i = 0; i < 5; i++) {
                client.read(PIECE.length);
                Await.untilBlocked(writer.join());
            }
            departure.leave(client);
        });
    }

    private void stopsBlockedWriter(Transport transport, Consumer<RawClient> leave) {
        try (TestServer server = TestServer.start(transport, this::routing); RawClient client = server.connect()) {
            client.get("/endless");
            client.readHead();
            Await.untilBlocked(writer.join());
            leave.accept(client);
            trail.await("stopped");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/slow", Hangup.cancellable(this::slow))
                .get("/endless", Hangup.cancellable(this::endless));
    }

    private void slow(ServerRequest request, ServerResponse response) throws Exception {
        OutputStream stream = response.outputStream();
        stream.write("first".getBytes(StandardCharsets.US_ASCII));
        stream.flush();
        trail.workUntilInterrupted();
    }

    private void endless(ServerRequest request, ServerResponse response) throws Exception {
        writer.complete(Thread.currentThread());
        try {
            OutputStream stream = response.outputStream();
            while (true) {
                stream.write(PIECE);
            }
        } finally {
            trail.add("stopped");
        }
    }
}

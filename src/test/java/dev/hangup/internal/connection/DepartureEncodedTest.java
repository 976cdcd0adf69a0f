package dev.hangup.internal.connection;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Departure;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** Requests and answers that are compressed on their way. */
class DepartureEncodedTest {
    private static final String ORDINARY = "dev.hangup.testing.Departure#ordinary";
    private static final byte[] PIECE = random(64 * 1024);

    private final Trail trail = new Trail();

    @ParameterizedTest
    @MethodSource(ORDINARY)
    @Tag("departure")
    void inTheMiddleOfBodyThatIsRead(Departure departure) {
        byte[] body = zip(PIECE);
        stops(departure, client -> {
            client.send(head("/echo", body.length)).send(Arrays.copyOf(body, body.length / 2));
            trail.await("started");
        });
    }

    @ParameterizedTest
    @MethodSource(ORDINARY)
    @Tag("departure")
    void behindBodyThatNobodyReads(Departure departure) {
        byte[] body = zip(PIECE);
        stops(departure, client -> {
            client.send(head("/work", body.length)).send(body);
            trail.await("started");
        });
    }

    @ParameterizedTest
    @MethodSource(ORDINARY)
    @Tag("departure")
    void inTheMiddleOfAnswer(Departure departure) {
        stops(departure, client -> {
            client.get("/slow", "Accept-Encoding: gzip\r\n");
            client.readHead();
            trail.await("started");
        });
    }

    @Test
    void bodyAndAnswerAreWhatTheyWere() throws IOException {
        byte[] body = zip(PIECE);
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            for (int i = 0; i < 20; i++) {
                client.send(head("/echo", body.length)).send(body);
                RawClient.Response answer = client.read();
                assertEquals("gzip", answer.headers().get("content-encoding"));
                assertArrayEquals(PIECE, new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes());
            }
        }
    }

    private void stops(Departure departure, Consumer<RawClient> before) {
        try (TestServer server = start(departure.transport());
                RawClient client = departure.transport().connect(server.port())) {
            before.accept(client);
            departure.leave(client);
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private TestServer start(Transport transport) {
        ContentEncodingContext encodings = ContentEncodingContext.builder()
                .contentEncodingsDiscoverServices(false)
                .addContentEncoding(Encoding.GZIP)
                .build();
        return TestServer.start(server -> {
            transport.configure(server);
            server.contentEncoding(encodings);
        }, hangup -> { }, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.post("/echo", Hangup.cancellable(request -> {
                    trail.add("started");
                    try {
                        return request.content().as(byte[].class);
                    } finally {
                        trail.add("interrupted");
                    }
                }))
                .post("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/slow", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    // of what cannot be compressed, so that some of it gets out
                    stream.write(PIECE);
                    stream.flush();
                    trail.workUntilInterrupted();
                }));
    }

    private static String head(String path, int length) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nAccept-Encoding: gzip\r\n"
                + "Content-Length: " + length + "\r\n\r\n";
    }

    private static byte[] zip(byte[] bytes) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream stream = new GZIPOutputStream(zipped)) {
            stream.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(42).nextBytes(bytes);
        return bytes;
    }
}

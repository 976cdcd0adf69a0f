package dev.hangup.internal.http2;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A stream whose handler throws what Helidon does not respond to over HTTP/2: its client learns its end, and may open others. */
class Http2UnhandledErrorTest {
    private static final int INTERNAL_ERROR = 2;
    private static final int STREAM_CLOSED = 5;

    @ParameterizedTest
    @ValueSource(strings = {"/bare", "/cancellable"})
    void malformedRequestGets400(String path) {
        try (TestServer server = start((request, response) -> {
            response.header("X-Lost", "yes");
            throw new BadRequestException("malformed");
        }); Http2Client client = connect(server)) {
            Http2Client.Answer answer = client.answer(client.get(path));
            assertEquals(400, answer.status());
            assertTrue(answer.text().isEmpty(), answer.text());
            assertNull(answer.headers().get("x-lost"));
            assertEquals("other", client.answer(client.get("/other")).text());
        }
    }

    /** Browsers send some of these characters as they are. The connection may be that of a proxy, with requests of others. */
    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/a|b", "/a[0]"})
    void invalidPathGets400AndTheConnectionGoesOn(String path) {
        try (TestServer server = start((request, response) -> response.send("wrong")); Http2Client client = connect(server)) {
            assertEquals(400, client.answer(client.get(path)).status());
            assertEquals("other", client.answer(client.get("/other")).text());
        }
    }

    @Test
    void malformedRequestIsReportedWithItsStatus() {
        try (TestServer server = start((request, response) -> {
            throw new BadRequestException("malformed");
        }); Http2Client client = connect(server)) {
            client.get("/cancellable");
            var end = server.nextEnd();
            assertEquals(Outcome.COMPLETED, end.outcome());
            assertEquals(400, end.status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bare", "/cancellable"})
    void responseThatIsCompleteStays(String path) {
        try (TestServer server = start((request, response) -> {
            response.send("complete");
            throw new BadRequestException("late");
        }); Http2Client client = connect(server)) {
            int id = client.get(path);
            assertEquals("complete", client.answer(id).text());
            assertEquals("other", client.answer(client.get("/other")).text());
            client.ping();
            assertFalse(client.wasReset(id));
        }
    }

    /** Over HTTP/1.1 the status is 500 in each case. */
    @ParameterizedTest
    @ValueSource(strings = {"/bare", "/cancellable"})
    void errorHandlerThatThrowsGets500(String path) {
        try (TestServer server = start((request, response) -> {
            throw new ArithmeticException();
        }); Http2Client client = connect(server)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(500, client.answer(client.get(path)).status());
            }
            assertEquals("other", client.answer(client.get("/other")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamWithoutResponseIsReset(Failure failure) {
        try (TestServer server = start(failure.handler); Http2Client client = connect(server)) {
            for (String path : new String[] {"/bare", "/cancellable"}) {
                int id = client.get(path);
                assertEquals(STREAM_CLOSED, client.awaitReset(id), path);
                assertEquals("other", client.answer(client.get("/other")).text());
            }
        }
    }

    /** Outside of the routing, where nothing responds to an exception. */
    @Test
    void streamWhosePermitCannotBeAskedForIsReset() {
        AtomicBoolean failing = new AtomicBoolean(true);
        Limit limit = (Limit) Proxy.newProxyInstance(Limit.class.getClassLoader(), new Class<?>[] {Limit.class},
                                                     (proxy, method, arguments) -> switch (method.getName()) {
            case "tryAcquireOutcome" -> {
                if (failing.getAndSet(false)) {
                    throw new IllegalStateException("no permits");
                }
                yield new RecordingLimit(new Trail()).tryAcquireOutcome(true);
            }
            case "copy" -> proxy;
            case "name", "type" -> "failing";
            default -> null;
        });
        try (TestServer server = TestServer.start(helidon -> helidon.concurrencyLimit(limit)
                .addProtocol(Http2Config.builder().maxConcurrentStreams(1).build()), hangup -> { },
                                                  routing -> routing(routing, (request, response) -> response.send()));
                Http2Client client = connect(server)) {
            assertEquals(INTERNAL_ERROR, client.awaitReset(client.get("/bare")));
            assertEquals("other", client.answer(client.get("/other")).text());
        }
    }

    private static Http2Client connect(TestServer server) {
        return Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
    }

    private static TestServer start(Handler handler) {
        return TestServer.start(server -> server.addProtocol(Http2Config.builder().maxConcurrentStreams(1).build()),
                                hangup -> { }, routing -> routing(routing, handler));
    }

    private static void routing(HttpRouting.Builder routing, Handler handler) {
        routing.get("/bare", handler)
                .get("/cancellable", Hangup.cancellable(handler))
                .get("/other", (request, response) -> response.send("other"))
                .error(ArithmeticException.class, (request, response, e) -> {
                    throw new ForbiddenException("of the error handler");
                });
    }

    private enum Failure {
        /** Of a call of the handler; Helidon takes it for one of its own connection. */
        SOCKET((request, response) -> {
            throw new IOException("Connection reset", new SocketException("Connection reset"));
        }),
        /** The response has begun, so that it cannot become another. */
        MALFORMED_LATE((request, response) -> {
            var stream = response.outputStream();
            stream.write(new byte[100]);
            stream.write(new byte[100]);
            throw new BadRequestException("malformed");
        });

        private final Handler handler;

        Failure(Handler handler) {
            this.handler = handler;
        }
    }
}

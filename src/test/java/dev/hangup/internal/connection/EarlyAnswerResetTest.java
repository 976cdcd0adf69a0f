package dev.hangup.internal.connection;

import java.time.Duration;

import dev.hangup.internal.http2.Http2Work;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * An upload that was answered early is reset when the client has read the answer, and not before: curl before 8.0 drops an
 * answer that it reads together with the reset behind it.
 */
class EarlyAnswerResetTest {
    private static final int NO_ERROR = 0;
    /** As in {@code EarlyEnds}. */
    private static final Duration PING_ACKNOWLEDGED_WITHIN = Duration.ofSeconds(2);
    /** The thread of the stream and the timer race. */
    private static final int REPETITIONS = 20;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void resetWaitsForTheClientToHaveReadTheAnswer(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail);
                Http2Client client = opening.connect(server.port()).holdPings()) {
            long before = System.nanoTime();
            int id = upload(client);
            assertEquals("next", client.answer(client.get("/next")).text());
            // on a slow machine, that may take longer than the server waits for the client
            assertFalse(client.wasReset(id) && System.nanoTime() - before < PING_ACKNOWLEDGED_WITHIN.toNanos(),
                        "reset before the answer was read");
            client.answerPing();
            assertEquals(NO_ERROR, client.awaitReset(id));
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientThatAnswersNoPingLearnsOfItAllTheSame(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail);
                Http2Client client = opening.connect(server.port()).holdPings()) {
            assertEquals(NO_ERROR, client.awaitReset(upload(client)));
            // an answer that comes too late
            client.answerPing();
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    /** Helidon discards the body behind the handler, and fails at once since the body is too large. */
    @Test
    void bodyThatHelidonDoesNotDiscardIsResetAllTheSame() {
        try (TestServer server = TestServer.start(helidon -> helidon.maxPayloadSize(10), hangup -> { },
                                                  routing -> routing.post("/", (request, response) -> response.send("early")));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            for (int i = 0; i < REPETITIONS; i++) {
                int id = client.newStream();
                client.send(Http2Client.headers(id, "POST", "/", false), Http2Client.data(id, new byte[5000], false));
                assertEquals("early", client.answer(id).text());
                assertEquals(NO_ERROR, client.awaitReset(id));
            }
        }
    }

    private static int upload(Http2Client client) {
        int id = client.post("/work/upload", "x-request-timeout-ms", "50");
        client.send(Http2Client.data(id, new byte[1000], false));
        assertEquals(503, client.answer(id).status());
        return id;
    }
}

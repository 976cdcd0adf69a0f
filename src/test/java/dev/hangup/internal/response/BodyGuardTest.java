package dev.hangup.internal.response;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;

import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Work that reads in the instant in which its time is up, and hears so before its scope does, once failed by itself. */
class BodyGuardTest {
    private static final Handler READS_TOO_LATE = (request, response) -> {
        Time.isUp(request, response);
        response.send(request.content().as(String.class));
    };

    @Test
    void workThatReadsTooLateHasNotFailed() {
        try (TestServer server = TestServer.start(routing -> routing.post("/", Hangup.cancellable(READS_TOO_LATE)))) {
            assertNotFailed(server);
        }
    }

    @Test
    void itsErrorHandlersDoNotAnswerIt() {
        try (TestServer server = TestServer.start(hangup -> hangup.addPath(HangupPathConfig.builder().path("/").build()),
                                                  routing -> routing.post("/", READS_TOO_LATE))) {
            assertNotFailed(server);
        }
    }

    private static void assertNotFailed(TestServer server) {
        try (RawClient client = server.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody");
            String answer = client.readHead();
            if (answer.startsWith("HTTP/1.1 100 ")) {
                answer = client.readHead();
            }
            Outcome outcome = server.nextEnd().outcome();
            // the work may be quicker than the decision: then its response counts, even if it ends too late itself
            assertTrue(answer.startsWith("HTTP/1.1 200 ") || answer.startsWith("HTTP/1.1 503 ")
                               && outcome == Outcome.DEADLINE_EXCEEDED, outcome + ": " + answer);
            assertNotEquals(Outcome.FAILED, outcome);
        }
    }
}

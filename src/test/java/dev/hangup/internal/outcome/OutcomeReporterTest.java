package dev.hangup.internal.outcome;

import java.util.List;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.WorkFailure;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.RoutingResponse;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The order of the events of a request. */
class OutcomeReporterTest {
    private final Trail trail = new Trail();

    @Test
    void whatIsThrownWhileTheEndIsPublishedFollowsTheEnd() {
        Throwing throwing = new Throwing();
        Listeners listeners = new Listeners(List.of(throwing), List.of(new Subscriber()));
        try (TestServer server = TestServer.start(routing -> routing.get("/", (request, response) -> {
            OutcomeReporter reporter = OutcomeReporter.of(listeners, request, Exchange.of(request));
            throwing.reporter = reporter;
            reporter.stopped(System.nanoTime(), Outcome.SHUTDOWN, (RoutingResponse) response, 0);
            reporter.threw(new IllegalStateException("afterwards"));
            response.send("done");
        })); RawClient client = server.connect()) {
            assertEquals("done", client.get("/").read().text());
            trail.await("threw afterwards");
            assertEquals(List.of("ended", "threw meanwhile", "threw afterwards"), trail.events());
        }
    }

    private final class Subscriber implements OutcomeListener {
        @Override
        public void ended(RequestEnd end) {
            trail.add("ended");
        }

        @Override
        public void threw(WorkFailure failure) {
            trail.add("threw " + failure.thrown().getMessage());
        }
    }

    /** Is notified before the subscriber. Another thread throws meanwhile. */
    private static final class Throwing implements OwnListener {
        private OutcomeReporter reporter;

        @Override
        public void completed(long id, String route, boolean matched, long nanos) {
        }

        @Override
        public void ended(RequestEnd end) {
            try {
                Thread.ofVirtual().start(() -> reporter.threw(new IllegalStateException("meanwhile"))).join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}

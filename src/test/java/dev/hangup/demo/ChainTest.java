package dev.hangup.demo;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.hangup.Computation;
import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.http.HttpFeature;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Three servers under Hangup, each of which waits for the next. */
class ChainTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Trail trail = new Trail();
    private final BlockingQueue<Integer> told = new LinkedBlockingQueue<>();
    private TestServer last;
    private TestServer middle;
    private TestServer first;

    @BeforeEach
    void start() {
        last = server(request -> {
            trail.workUntilInterrupted();
            return new byte[0];
        });
        middle = relayTo(last);
        first = relayTo(middle);
    }

    @AfterEach
    void stop() {
        first.close();
        middle.close();
        last.close();
    }

    @Tag("departure")
    @Test
    void theLastOneStopsWhenTheClientLeavesTheFirst() {
        RawClient client = first.connect().get("/");
        trail.await("started");
        trail.add("left");
        client.leave();
        trail.await("interrupted");
        for (TestServer server : List.of(first, middle, last)) {
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
        assertEquals(List.of("started", "left", "interrupted"), trail.events());
    }

    @ParameterizedTest
    @ValueSource(ints = {60_000, 10_000})
    void eachHasLessTimeThanTheOneBefore(int asked) throws Exception {
        try (RawClient client = first.connect().get("/", Deadline.HEADER + ": " + asked + "\r\n")) {
            trail.await("started");
            assertEquals(asked, told.take());
            int middleHas = told.take();
            int lastHas = told.take();
            assertTrue(asked > middleHas && middleHas > lastHas && lastHas > 0, asked + " > " + middleHas + " > " + lastHas);
        }
    }

    @Test
    void theClientHearsOfTheDeadlineWhicheverPassesFirst() {
        try (RawClient client = first.connect().get("/", Deadline.HEADER + ": 5000\r\n")) {
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals("1", response.headers().get("retry-after"));
            // the last one has the least time; its answer, or the end of the call, is what the others hear of
            Outcome outcome = last.nextEnd().outcome();
            assertTrue(outcome == Outcome.DEADLINE_EXCEEDED || outcome == Outcome.DISCONNECTED, outcome.text());
            trail.await("interrupted");
        }
    }

    private TestServer server(Computation<byte[]> work, HttpFeature... features) {
        return TestServer.start(routing -> {
            List.of(features).forEach(routing::addFeature);
            routing.get("/", Hangup.cancellable(LONG, request -> {
                request.headers().first(Deadline.HEADER_NAME).map(Integer::valueOf).ifPresent(told::add);
                return work.compute(request);
            }));
        });
    }

    private TestServer relayTo(TestServer server) {
        Relay relay = Relay.create(Config.just(ConfigSources.create(Map.of("url", "http://localhost:" + server.port() + "/"))));
        return server(relay, relay.client());
    }
}

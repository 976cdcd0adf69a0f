package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CurrentDeadlineTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final AtomicReference<Optional<Deadline>> seen = new AtomicReference<>(Optional.empty());

    @Test
    void isThereInAHandler() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/", Hangup.cancellable(MINUTE, request -> "left " + withinAMinute(Deadline.current()))));
                RawClient client = server.connect()) {
            assertEquals("left true", client.get("/").read().text());
        }
    }

    @Test
    void isThereInForks() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/", Hangup.cancellable(MINUTE, request -> {
                    new Scope().runConcurrently("nested", Thread.ofVirtual().factory(),
                                                () -> seen.set(Deadline.current()), () -> { });
                    return "left " + withinAMinute(seen.get());
                })));
                RawClient client = server.connect()) {
            assertEquals("left true", client.get("/").read().text());
        }
    }

    @Test
    void isNotThereOutside() {
        Trail after = new Trail();
        try (TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> {
                    response.header("X-Before", Deadline.current().isPresent() ? "there" : "not there");
                    chain.proceed();
                    after.add(Deadline.current().isPresent() ? "there" : "not there");
                })
                .get("/", Hangup.cancellable((request, response) -> response.next()))
                .get("/", (request, response) -> response.send(Deadline.current().isPresent() ? "there" : "not there")));
                RawClient client = server.connect()) {
            RawClient.Response response = client.get("/").read();
            assertEquals("not there", response.text());
            assertEquals("not there", response.headers().get("x-before"));
            after.await("not there");
        }
    }

    @Test
    void isThereInFiltersOfCoveredPaths() {
        try (TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").deadline(MINUTE).build()),
                routing -> routing.addFilter((chain, request, response) ->
                        response.send("left " + withinAMinute(Deadline.current()))));
                RawClient client = server.connect()) {
            assertEquals("left true", client.get("/").read().text());
        }
    }

    @Test
    void isTheShorterOneInsideOfACoveredPath() {
        try (TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").deadline(Duration.ofMinutes(10)).build()),
                routing -> routing.get("/shorter", Hangup.cancellable(MINUTE, request -> withinAMinute(Deadline.current())))
                        .get("/longer", Hangup.cancellable(Duration.ofMinutes(20), request -> String.valueOf(
                                Deadline.current().orElseThrow().remaining().toMinutes()))));
                RawClient client = server.connect()) {
            assertEquals("true", client.get("/shorter").read().text());
            assertEquals("9", client.get("/longer").read().text());
            server.nextEnd();
            server.nextEnd();
            assertTrue(server.endsLeft() == 0, "one race for each request");
        }
    }

    private static String withinAMinute(Optional<Deadline> deadline) {
        Duration left = deadline.orElseThrow().remaining();
        return String.valueOf(left.isPositive() && left.compareTo(MINUTE) <= 0);
    }
}

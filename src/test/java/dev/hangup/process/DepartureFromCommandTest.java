package dev.hangup.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.admission.AdmissionQueue;
import dev.hangup.cpu.CpuBound;
import dev.hangup.internal.race.Aside;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Departure;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Requests that run commands: when one has ended, whatever the reason, so has all that its command was. */
class DepartureFromCommandTest {
    private static final int CROWD = 50;
    /** Will not end; one that nobody asks to is not left behind for long. */
    private static final String DEAF = "trap '' TERM; sh -c 'trap \"\" TERM; echo \"child $$\" >> $0; sleep 60' $1 & "
            + "while [ ! -s $1 ]; do :; done; echo \"root $$\" >> $1; "
            + "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); sleep 0.05; done";
    /** Ends when it was asked to, and says so. */
    private static final String POLITE = "trap 'echo asked >> $1; exit' TERM; echo \"root $$\" >> $1; "
            + "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); sleep 0.05; done";

    @TempDir
    private Path folder;

    @Test
    void theAnswerIsWhatTheProgramWrites() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> Command.of("echo", "said").output()))); RawClient client = server.connect()) {
            assertEquals("said\n", client.get("/").read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void aProgramThatFailsFailsTheRequest() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> Command.of("sh", "-c", "echo secret >&2; exit 1").output()))); RawClient client = server.connect()) {
            RawClient.Response response = client.get("/").read();
            assertEquals(500, response.status());
            assertFalse(response.text().contains("secret"), response.text());
            assertEquals(Outcome.FAILED, server.nextEnd().outcome());
        }
    }

    @Test
    void aProgramThatIsNotThereFailsTheRequestInOneLine() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> Command.of("no-such-program", "secret").output()))); RawClient client = server.connect()) {
            for (int i = 0; i < 2; i++) {
                RawClient.Response response = client.get("/").read();
                assertEquals(500, response.status());
                assertTrue(response.text().lines().count() <= 1, response.text());
                assertFalse(response.text().contains("secret"), response.text());
                assertEquals(Outcome.FAILED, server.nextEnd().outcome());
            }
        }
    }

    @Tag("departure")
    @Test
    void askedToEnd() {
        Journal journal = new Journal(folder);
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> journal.script(POLITE).grace(Duration.ofMinutes(1)).build().output())))) {
            RawClient client = server.connect().get("/");
            journal.pid("root");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertFalse(journal.lives("root"));
            assertEquals("asked", journal.lines().getLast());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#ordinary")
    void killedAfterTheGrace(Departure departure) {
        Journal journal = new Journal(folder);
        try (TestServer server = TestServer.start(departure.transport(), routing -> routing(routing, journal))) {
            RawClient client = server.connect().get("/");
            journal.pid("root");
            departure.leave(client);
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertStopped(journal);
        }
    }

    @Test
    void atTheDeadline() {
        Journal journal = new Journal(folder);
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) ->
                Aside.of(() -> {
                    journal.pid("root");
                    Time.isUp(request, response);
                    return null;
                }, () -> deaf(journal).output())))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertStopped(journal);
        }
    }

    @Test
    void whenTheServerStops() {
        Journal journal = new Journal(folder);
        try (TestServer server = TestServer.start(routing -> routing(routing, journal)); RawClient client = server.connect()) {
            client.get("/");
            journal.pid("root");
            server.server().stop();
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            assertStopped(journal);
        }
    }

    @Tag("departure")
    @Test
    void fiftyAtOnce() {
        Children before = Children.now();
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request ->
                Command.of("sh", "-c", "sleep 60.5 & sleep 60.5").output())))) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                clients.add(server.connect().get("/"));
            }
            Await.untilBegun("all have begun", () -> ProcessHandle.current().descendants()
                    .filter(it -> it.info().commandLine().orElse("").contains("sleep 60.5")).count() == 3 * CROWD);
            clients.forEach(RawClient::leave);
            for (int i = 0; i < CROWD; i++) {
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
            assertEquals(before.processes(), Children.now().processes());
            Await.until("all is as before: " + before, () -> Children.now().isWithin(before));
        }
    }

    @Tag("departure")
    @Test
    void whileItWaitsForItsTurnNothingIsStarted() {
        Journal journal = new Journal(folder);
        AdmissionQueue one = new AdmissionQueue("commands", 1, 1, Duration.ofSeconds(1));
        try (TestServer server = TestServer.start(routing -> routing
                .get("/first", Hangup.cancellable(request -> journal.script("echo first >> $1; sleep 60").admission(one).build()
                        .output()))
                .get("/second", Hangup.cancellable(request -> journal.script("echo second >> $1").admission(one).build()
                        .output())))) {
            RawClient first = server.connect().get("/first");
            journal.await("first");
            RawClient second = server.connect().get("/second");
            Await.untilBegun("it waits", () -> one.waiting() == 1);
            try (RawClient third = server.connect()) {
                assertEquals(503, third.get("/second").read().status());
            }
            second.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd(it -> it.route().equals("/second")
                    && it.outcome().stopped()).outcome());
            assertEquals(1, one.running());
            first.leave();
            server.nextEnd(it -> it.route().equals("/first"));
            assertEquals(0, one.running());
            assertEquals(List.of("first"), journal.lines());
        }
    }

    @Tag("departure")
    @Test
    void fromTheBoundOfComputationsToo() {
        Journal journal = new Journal(folder);
        CpuBound cpu = CpuBound.create();
        try (TestServer server = TestServer.start(routing -> routing
                .get("/", Hangup.cancellable(request -> cpu.call(deaf(journal)::output))))) {
            RawClient client = server.connect().get("/");
            journal.pid("root");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertStopped(journal);
            assertEquals(0, cpu.running());
        }
    }

    private static void routing(HttpRouting.Builder routing, Journal journal) {
        routing.get("/", Hangup.cancellable(request -> new String(deaf(journal).output(), StandardCharsets.UTF_8)));
    }

    private static Command deaf(Journal journal) {
        return journal.script(DEAF).grace(Duration.ofMillis(200)).build();
    }

    private static void assertStopped(Journal journal) {
        assertFalse(journal.lives("root"));
        assertFalse(journal.lives("child"));
    }
}

package dev.hangup;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnresponsiveEvents;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a client puts into a request reaches listeners, logs and thread names as one printable word. */
class ClientTextTest {
    /** Line breaks, a terminal's escape, a bidirectional override and an isolate, and a field of the log's own. */
    private static final String SENT = "/A%0d%0aFAKE%1b%5b31m%e2%80%ae%e2%81%a6%c2%85%7f%e2%80%a8%20status=200";
    private static final String SHOWN =
            "/A\\u000d\\u000aFAKE\\u001b[31m\\u202e\\u2066\\u0085\\u007f\\u2028\\u0020status=200";

    private final Trail trail = new Trail();
    private final AtomicReference<Thread> worker = new AtomicReference<>();

    @Test
    void pathUnderAWildcardIsOneWordOfOneLine() {
        try (Logged log = Logged.by("dev.hangup"); TestServer server = start(hangup -> { });
                RawClient client = server.connect()) {
            assertEquals(503, client.get("/wild" + SENT).read().status());
            RequestEnd end = server.nextEnd();
            String name = "hangup-work " + end.id() + " GET /wild" + SHOWN;
            assertEquals("/wild" + SHOWN, end.route());
            assertEquals(name, worker.get().getName());
            assertEquals("#" + worker.get().threadId() + " " + name, end.thread());
            server.close();
            assertEquals(1, log.trail().events().size(), log.trail().events().toString());
            String line = log.trail().events().getFirst();
            assertTrue(line.startsWith("deadline-exceeded GET /wild" + SHOWN + " id=" + end.id() + " peer=127.0.0.1:"), line);
            assertTrue(line.endsWith(" thread=" + end.thread()), line);
        }
    }

    @Test
    void startNamesTheSame() {
        Starts starts = new Starts();
        try (TestServer server = start(hangup -> hangup.addListener(starts)); RawClient client = server.connect()) {
            client.get("/wild" + SENT).read();
            trail.await("started GET /wild" + SHOWN);
        }
    }

    @Test
    void valueOfAParameterIsNotShownAtAll() {
        try (TestServer server = start(hangup -> { }); RawClient client = server.connect()) {
            client.get("/tenant" + SENT).read();
            assertEquals("/tenant/{name}", server.nextEnd().route());
        }
    }

    /** The name is in what the client has sent, not in the route's own pattern. */
    @Test
    void valueThatLooksLikeAParameterIsNotShownEither() {
        try (TestServer server = start(hangup -> { }); RawClient client = server.connect()) {
            client.get("/tenant/%7Bname%7D-1").read();
            assertEquals("/tenant/{name}", server.nextEnd().route());
        }
    }

    @ParameterizedTest
    @CsvSource({
            "/tenant/%7Bname%7D-1/item/2, //tenant/{name}/item/{id}",
            "/tenant/item/item/item,      //tenant/{name}/item/{id}",
            "/tenant/%7Bid%7D/item/x,     //tenant/{name}/item/{id}",
            "/tenant/x/item/%7Bi,         //tenant/{name}/item/{id}",
            "/tenant/%7Bname%7D-1/mail,   //tenant/{name}//mail",
            "/tenant/%7Bname%7D-1,        //tenant/{name}/",
            "/tenant/ten,                 //tenant/{name}/"})
    void valuesForNestedServicesAreNotShown(String path, String route) {
        HttpService root = rules -> rules.get("/mail", Hangup.cancellable(request -> "done"));
        HttpService tenant = rules -> rules
                .get("/item/{id}", Hangup.cancellable(request -> "done"))
                .get("/", Hangup.cancellable(request -> "done"))
                .register("/", root);
        try (TestServer server = TestServer.start(routing -> routing
                .register("/", rules -> rules.register("/tenant/{name}", tenant))); RawClient client = server.connect()) {
            client.get(path).read();
            assertEquals(route, server.nextEnd().route());
        }
    }

    @Test
    void routeThatMatchesAnyPathHasAPattern() {
        try (TestServer server = TestServer.start(routing -> routing.any(Hangup.cancellable(request -> "done")));
                RawClient client = server.connect()) {
            client.get("/anything").read();
            RequestEnd end = server.nextEnd();
            assertEquals("/*", end.route());
            assertTrue(end.matched());
        }
    }

    @Test
    void pathWithoutARouteIsCut() {
        try (TestServer server = start(hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()));
                RawClient client = server.connect()) {
            assertEquals(404, client.get("/nowhere/" + "a".repeat(600)).read().status());
            assertEquals("/nowhere/" + "a".repeat(188) + "...", server.nextEnd().route());
        }
    }

    @Test
    void longPathIsCut() {
        try (Logged log = Logged.by("dev.hangup"); TestServer server = start(hangup -> { });
                RawClient client = server.connect()) {
            client.get("/wild/" + "%1b".repeat(600)).read();
            RequestEnd end = server.nextEnd();
            assertTrue(end.route().length() <= 200 && end.route().endsWith("..."), end.route());
            server.close();
            assertTrue(log.trail().events().getFirst().length() < 1000, log.trail().events().toString());
        }
    }

    /** Helidon takes tokens only. */
    @Test
    void longMethodIsCut() {
        try (TestServer server = start(hangup -> { }); RawClient client = server.connect()) {
            client.send("M".repeat(600) + " /any HTTP/1.1\r\nHost: localhost\r\n\r\n").read();
            RequestEnd end = server.nextEnd();
            assertEquals("M".repeat(197) + "...", end.method());
            assertEquals("hangup-work " + end.id() + " " + end.method() + " /any", worker.get().getName());
        }
    }

    @Test
    void pathOverHttp2IsOneWord() {
        try (TestServer server = start(hangup -> { });
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.get("/wild" + SENT);
            assertEquals("/wild" + SHOWN, server.nextEnd().route());
        }
    }

    @Test
    void unresponsiveWorkIsReportedInPrintableWords() {
        UnresponsiveEvents told = new UnresponsiveEvents(trail);
        try (Logged log = Logged.by("dev.hangup");
                TestServer server = start(hangup -> hangup.unresponsiveAfter(Duration.ofMillis(1)).addListener(told));
                RawClient client = server.connect()) {
            client.get("/stuck" + SENT);
            UnresponsiveWork work = told.next();
            assertEquals("/stuck" + SHOWN, work.route());
            assertTrue(work.thread().endsWith(" GET /stuck" + SHOWN), work.thread());
            log.trail().awaitAny(it -> it.startsWith("unresponsive GET /stuck" + SHOWN + " peer="), "the report");
            trail.add("release");
            assertEquals("/stuck" + SHOWN, told.nextEnd().route());
            log.trail().awaitAny(it -> it.startsWith("unresponsive-ended GET /stuck" + SHOWN + " peer="), "the report of its end");
        }
    }

    /** An application may name its threads after what clients send. */
    @Test
    void threadNamesOfTheApplicationAreOneLine() {
        try (TestServer server = TestServer.start(routing -> routing.get("/named", Hangup.cancellable((request, response) ->
                OffThreadTask.call("part", Thread.ofVirtual().name("A\r\nFAKE\u001b").factory(), () -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                    return "never";
                }, Thread::interrupt)))); RawClient client = server.connect()) {
            client.get("/named");
            trail.await("started");
            client.read();
            String thread = server.nextEnd().thread();
            assertTrue(thread.matches("#\\d+ A\\\\u000d\\\\u000aFAKE\\\\u001b"), thread);
        }
    }

    private TestServer start(Consumer<HangupConfig.Builder> hangup) {
        return TestServer.start(hangup, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        Handler lasting = Hangup.cancellable((request, response) -> {
            worker.set(Thread.currentThread());
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        });
        Handler stuck = Hangup.cancellable((request, response) -> {
            // the grace period of a millisecond could end before the watch delay, after which the thread is named
            Await.until("the thread is named", () -> Thread.currentThread().getName().startsWith("hangup-work "));
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("release");
        });
        routing.register("/wild/*", rules -> rules.any(lasting))
                .register("/tenant/{name}", rules -> rules.any(lasting))
                .register("/stuck/*", rules -> rules.any(stuck))
                .any("/any", lasting);
    }

    /** Leaves what it is told of a request's start. */
    private final class Starts implements OutcomeListener {
        @Override
        public void started(RequestStart request) {
            trail.add("started " + request.method() + " " + request.route());
        }

        @Override
        public void ended(RequestEnd end) {
        }
    }
}

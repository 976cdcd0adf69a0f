package dev.hangup.internal.metrics;

import java.time.Duration;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.isolated.Isolated;
import dev.hangup.isolated.IsolatedTask;
import dev.hangup.metrics.HangupMetrics;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.sse.Event;
import dev.hangup.sse.EventStream;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.Status;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The meters one by one. The registry is the whole JVM's: what matters is what changes. */
class MetersTest {
    private static final int BODY = 200_000;

    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void requestsThatAreRefusedAreCounted() {
        AbandonmentConfig refusing = AbandonmentConfig.builder()
                .mode(AbandonmentMode.REFUSE)
                .abandoned(1)
                .window(Duration.ofHours(1))
                .build();
        try (TestServer server = Scrape.server(hangup -> hangup.abandonment(refusing), routing -> routing
                .get("/abandoned", Hangup.cancellable((request, response) -> trail.workUntilInterrupted())));
                RawClient client = server.connect()) {
            double before = Scrape.number(client, "hangup_abandonment_refused_total{");
            double useful = Scrape.number(client, "hangup_work_useful_seconds_count{");
            double refused = Scrape.number(client, "hangup_requests_total{outcome=\"refused\",route=\"/abandoned\"");
            double abandoned = Scrape.number(client, "hangup_requests_total{outcome=\"disconnected\",route=\"/abandoned\"");
            for (int i = 1; i <= 2; i++) {
                try (RawClient leaving = server.connect()) {
                    leaving.get("/abandoned");
                    trail.await("started", i);
                }
                server.nextEnd();
            }
            assertEquals(429, client.get("/abandoned").read().status());
            server.nextEnd();
            assertEquals(before + 1, Scrape.number(client, "hangup_abandonment_refused_total{"));
            assertEquals(useful, Scrape.number(client, "hangup_work_useful_seconds_count{"));
            assertEquals(refused + 1, Scrape.number(client, "hangup_requests_total{outcome=\"refused\",route=\"/abandoned\""));
            assertEquals(abandoned + 2,
                         Scrape.number(client, "hangup_requests_total{outcome=\"disconnected\",route=\"/abandoned\""));
            assertEquals(0, Scrape.number(client, "hangup_requests_total{outcome=\"completed\",route=\"/abandoned\""));
        }
    }

    @Test
    void refusalOfAHandlerIsNoUsefulWorkAndNotInTheMeanOfItsRoute() {
        try (TestServer server = Scrape.server(routing -> routing.get("/refusing", Hangup.cancellable((request, response) -> {
            if (request.query().contains("long")) {
                Thread.sleep(60_000);
            }
            response.status(Status.TOO_MANY_REQUESTS_429).send();
        }))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            double refused = Scrape.number(scraping, "hangup_requests_total{outcome=\"refused\",route=\"/refusing\"");
            double useful = Scrape.number(scraping, "hangup_work_useful_seconds_count{");
            double saved = Scrape.number(scraping, "hangup_work_saved_seconds_sum{");
            assertEquals(429, client.get("/refusing").read().status());
            server.nextEnd();
            assertEquals(503, client.get("/refusing?long", "X-Request-Timeout-Ms: 1\r\n").read().status());
            server.nextEnd();
            assertEquals(refused + 1,
                         Scrape.number(scraping, "hangup_requests_total{outcome=\"refused\",route=\"/refusing\""));
            assertEquals(useful, Scrape.number(scraping, "hangup_work_useful_seconds_count{"));
            assertEquals(saved, Scrape.number(scraping, "hangup_work_saved_seconds_sum{"));
        }
    }

    @Test
    @Tag("departure")
    void timeOfAStreamThatDeliveredIsUsefulUntilItsClientLeft() {
        try (TestServer server = Scrape.server(routing -> routing.get("/", Hangup.cancellable(
                EventStream.of((request, events) -> {
                    events.send(Event.of("first"));
                    try {
                        trail.workUntilInterrupted();
                    } finally {
                        // clean-up that takes a while is for nobody
                        Thread.sleep(50);
                    }
                })))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            double useful = Scrape.number(scraping, "hangup_work_useful_seconds_sum{");
            double wasted = Scrape.number(scraping, "hangup_work_wasted_seconds_sum{");
            client.get("/").readHead();
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            assertEquals(end.elapsed().toNanos() / 1e9,
                         Scrape.number(scraping, "hangup_work_useful_seconds_sum{") - useful, 1e-6);
            assertEquals(end.stopping().toNanos() / 1e9,
                         Scrape.number(scraping, "hangup_work_wasted_seconds_sum{") - wasted, 1e-6);
            assertTrue(end.stopping().toMillis() >= 50, end.toString());
        }
    }

    @Test
    void unresponsiveWorkIsAGaugeUntilItEnds() {
        try (TestServer server = Scrape.server(hangup -> hangup.unresponsiveAfter(Duration.ofMillis(1)), routing -> routing
                .get("/", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("scraped");
                }))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            Await.until("it is unresponsive", () -> Scrape.number(scraping, "hangup_unresponsive{") == 1);
            trail.add("scraped");
            Await.until("it is not any more", () -> Scrape.number(scraping, "hangup_unresponsive{") == 0);
        }
    }

    @Test
    void carriersAreGaugesAndTheTimeFrozenACounter() {
        try (TestServer server = Scrape.server(routing -> { }); RawClient client = server.connect()) {
            boolean guarded = Runtime.version().feature() >= 24;
            Await.until("the guard is there", () -> Scrape.number(client, "hangup_carriers{") > 0 == guarded);
            assertEquals(guarded, Scrape.number(client, "hangup_carriers_usual{") > 0);
            assertTrue(Scrape.ofHangup(client).stream().anyMatch(it -> it.startsWith("hangup_carriers_frozen_millis_total{")));
            assertTrue(Scrape.number(client, "hangup_carriers_frozen_millis_total{") >= 0);
        }
    }

    @Test
    void workersAreShownByState() throws Exception {
        try (Isolated isolated = HangupMetrics.bind("scraped-workers", Isolated.builder().size(1).build());
                TestServer server = Scrape.server(routing -> { });
                RawClient client = server.connect()) {
            Thread caller = Thread.ofVirtual().start(() -> {
                try {
                    isolated.call(Forever.class, new byte[0]);
                } catch (Exception e) {
                    trail.add("stopped");
                }
            });
            Await.untilBegun("it is busy", () -> workers(client, "busy") == 1);
            assertEquals(0, workers(client, "idle"));
            assertEquals(1, Scrape.number(client, "hangup_running{name=\"scraped-workers\""));
            caller.interrupt();
            trail.await("stopped");
            Await.untilBegun("another one is idle", () -> workers(client, "idle") == 1);
            assertEquals(0, workers(client, "busy"));
        }
    }

    @Test
    void sharedAnswersAreCountedByWhereTheyCameFrom() {
        Coalescing<String, String> coalescing = HangupMetrics.bind("scraped-answers", Coalescing.<String, String>builder()
                .key(request -> request.path().path())
                .computing(key -> {
                    trail.add("computing");
                    trail.awaitInterruptibly("release");
                    return "answer";
                })
                .cacheFor(Duration.ofHours(1))
                .build());
        try (TestServer server = Scrape.server(routing -> routing.get("/shared", coalescing));
                RawClient one = server.connect(); RawClient other = server.connect()) {
            double computed = answers(one, "computed");
            double coalesced = answers(one, "coalesced");
            double cached = answers(one, "cached");
            one.get("/shared");
            trail.await("computing");
            other.get("/shared");
            Await.until("the other one waits", () -> coalescing.waiting() == 2);
            trail.add("release");
            assertEquals("answer", one.read().text());
            assertEquals("answer", other.read().text());
            assertEquals("answer", one.get("/shared").read().text());
            assertEquals(computed + 1, answers(one, "computed"));
            assertEquals(coalesced + 1, answers(one, "coalesced"));
            assertEquals(cached + 1, answers(one, "cached"));
        }
    }

    @Test
    void bytesThatWereReadAheadAreAGauge() {
        try (TestServer server = Scrape.server(routing -> routing.post("/", Hangup.cancellable((request, response) -> {
            trail.ignoreInterruptsUntil("scraped");
            response.send("unread");
        }))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY + "\r\n\r\n");
            trail.await("started");
            client.send(new byte[BODY]);
            Await.until("all is read", () -> Scrape.number(scraping, "hangup_read_ahead_bytes{") >= BODY);
            trail.add("scraped");
            assertEquals("unread", client.read().text());
            client.close();
            Await.until("all is given back", () -> Scrape.number(scraping, "hangup_read_ahead_bytes{") == 0);
        }
    }

    @Test
    void stoppedWorkHasSavedWhatTheMeanOfItsRouteHasBeyondIt() {
        try (TestServer server = Scrape.server(routing -> routing.get("/saving", Hangup.cancellable(request -> {
            // however late the deadline is noticed, the work is not done by then
            Thread.sleep(request.query().contains("long") ? 60_000 : 30);
            return "done";
        }))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            double before = Scrape.number(scraping, "hangup_work_saved_seconds_sum{");
            assertEquals(200, client.get("/saving").read().status());
            Duration usual = server.nextEnd().elapsed();
            assertEquals(503, client.get("/saving?long", "X-Request-Timeout-Ms: 1\r\n").read().status());
            RequestEnd stopped = server.nextEnd();
            Duration saved = usual.minus(stopped.elapsed()).minus(stopped.stopping());
            assertEquals(Math.max(0, saved.toNanos() / 1e9),
                         Scrape.number(scraping, "hangup_work_saved_seconds_sum{") - before, 1e-6);
        }
    }

    @Test
    void whatAServerHasCountedStaysWhenItHasStopped() {
        String series = "hangup_requests_total{outcome=\"completed\",route=\"/summed\"";
        try (TestServer one = summed(); TestServer other = summed(); RawClient client = one.connect()) {
            double before = Scrape.number(client, series);
            try (RawClient last = other.connect()) {
                last.get("/summed").read();
            }
            client.get("/summed").read();
            one.nextEnd();
            other.nextEnd();
            assertEquals(before + 2, Scrape.number(client, series));
            other.close();
            assertEquals(before + 2, Scrape.number(client, series));
            client.get("/summed").read();
            one.nextEnd();
            assertEquals(before + 3, Scrape.number(client, series));
        }
    }

    @Test
    void whatClientsMakeUpIsOnNoLabel() {
        try (TestServer server = Scrape.server(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()),
                routing -> routing.any("/known", (request, response) -> response.send("done")));
                RawClient client = server.connect()) {
            double before = Scrape.number(client, "hangup_requests_total{outcome=\"completed\",route=\"none\"");
            client.send("MADEUP /made-up/%22%0Apath HTTP/1.1\r\nHost: made-up\r\n\r\n").read();
            server.nextEnd(it -> !it.matched());
            assertFalse(Scrape.text(client).matches("(?is).*made.?up.*"));
            assertEquals(before + 1, Scrape.number(client, "hangup_requests_total{outcome=\"completed\",route=\"none\""));
        }
    }

    private static TestServer summed() {
        return Scrape.server(routing -> routing.get("/summed", Hangup.cancellable(request -> "done")));
    }

    private static double workers(RawClient client, String state) {
        return Scrape.number(client, "hangup_workers{name=\"scraped-workers\",scope=\"application\",state=\"" + state + "\"");
    }

    private static double answers(RawClient client, String from) {
        return Scrape.number(client, "hangup_coalescing_total{name=\"scraped-answers\",scope=\"application\",source=\"" + from + "\"");
    }

    /** Ends with its worker alone. */
    static final class Forever implements IsolatedTask {
        /** For the worker. */
        Forever() {
        }

        @Override
        public byte[] run(byte[] input) throws InterruptedException {
            Thread.sleep(Duration.ofHours(1));
            return input;
        }
    }
}

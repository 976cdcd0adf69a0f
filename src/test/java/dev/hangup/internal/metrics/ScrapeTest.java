package dev.hangup.internal.metrics;

import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.cpu.CpuBound;
import dev.hangup.metrics.HangupMetrics;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a scrape of the server's metrics shows. The registry is the whole JVM's: what matters is what changes. */
class ScrapeTest {
    private final Trail trail = new Trail();

    @Test
    void requestsAreCountedByRouteAndOutcome() {
        try (TestServer server = Scrape.server(routing -> routing
                .get("/counted/{id}", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            String series = "hangup_requests_total{outcome=\"completed\",route=\"/counted/{id}\"";
            double before = Scrape.number(client, series);
            client.get("/counted/1").read();
            client.get("/counted/2").read();
            server.nextEnd();
            server.nextEnd();
            assertEquals(before + 2, Scrape.number(client, series));
        }
    }

    @Test
    @Tag("departure")
    void timeToStopIsAHistogramInSeconds() {
        try (TestServer server = Scrape.server(routing -> routing.get("/", Hangup.cancellable(request -> {
            trail.workUntilInterrupted();
            return "never";
        }))); RawClient leaving = server.connect(); RawClient client = server.connect()) {
            double before = Scrape.number(client, "hangup_stopping_seconds_count{outcome=\"disconnected\"");
            leaving.get("/");
            trail.await("started");
            leaving.leave();
            server.nextEnd();
            assertEquals(before + 1, Scrape.number(client, "hangup_stopping_seconds_count{outcome=\"disconnected\""));
            assertTrue(Scrape.text(client).contains("hangup_stopping_seconds_bucket{outcome=\"disconnected\""));
        }
    }

    @Test
    void workThatReachesNobodyIsWastedUntilItStops() {
        try (TestServer server = Scrape.server(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            double wasted = Scrape.number(scraping, "hangup_work_wasted_seconds_sum");
            assertEquals(503, client.get("/").read().status());
            var end = server.nextEnd();
            double expected = end.elapsed().plus(end.stopping()).toNanos() / 1e9;
            assertEquals(expected, Scrape.number(scraping, "hangup_work_wasted_seconds_sum") - wasted, 1e-6);
        }
    }

    @Test
    void whatIsInFlightIsAGauge() {
        try (TestServer server = Scrape.server(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            trail.ignoreInterruptsUntil("scraped");
            response.send("done");
        }))); RawClient client = server.connect(); RawClient scraping = server.connect()) {
            client.get("/");
            trail.await("started");
            Await.until("one is in flight", () -> value(scraping, "hangup_requests_in_flight{").equals("1.0"));
            trail.add("scraped");
            client.read();
            server.nextEnd();
            assertEquals("0.0", value(scraping, "hangup_requests_in_flight{"));
        }
    }

    @Test
    void boundComputationsShowWhoWaits() {
        CpuBound cpu = HangupMetrics.bind("scraped", CpuBound.builder().parallelism(1).queue(1).build());
        try (TestServer server = Scrape.server(routing -> routing.get("/", Hangup.cancellable(request -> cpu.call(() -> {
            trail.ignoreInterruptsUntil("scraped");
            return "done";
        })))); RawClient one = server.connect(); RawClient other = server.connect(); RawClient scraping = server.connect()) {
            one.get("/");
            trail.await("started");
            other.get("/");
            Await.until("the other one waits", () -> cpu.waiting() == 1);
            assertEquals("1.0", value(scraping, "hangup_running{name=\"scraped\""));
            assertEquals("1.0", value(scraping, "hangup_waiting{name=\"scraped\""));
            trail.add("scraped");
            one.read();
            other.read();
        }
    }

    @Test
    void labelOfAServiceWithParametersHasTheirNames() {
        try (TestServer server = Scrape.server(routing -> routing.register("/tenant/{name}", rules -> rules
                .get("/item/{id}", Hangup.cancellable(request -> "done")))); RawClient client = server.connect()) {
            List<String> paths = List.of("/tenant/made-up/item/1", "/tenant/item/item/2", "/tenant/%22%7Bid%7D/item/made-up");
            String series = "hangup_requests_total{outcome=\"completed\",route=\"/tenant/{name}/item/{id}\"";
            double before = Scrape.number(client, series);
            for (String path : paths) {
                client.get(path).read();
                assertEquals("/tenant/{name}/item/{id}", server.nextEnd().route());
            }
            assertEquals(before + 3, Scrape.number(client, series));
            assertFalse(Scrape.text(client).contains("made-up"));
        }
    }

    @Test
    void labelsArePrintableWhateverClientsSend() {
        try (TestServer server = Scrape.server(routing -> routing.register("/wild/*", rules -> rules
                .any(Hangup.cancellable(request -> "done")))); RawClient client = server.connect()) {
            client.get("/wild/A%0d%0aFAKE%1b%5b31m%e2%80%ae").read();
            server.nextEnd();
            String text = Scrape.text(client);
            // the format escapes backslashes
            assertTrue(text.contains("route=\"/wild/A\\\\u000d\\\\u000aFAKE\\\\u001b[31m\\\\u202e\""), text);
            assertFalse(text.chars().anyMatch(it -> it == '\u001b' || it == '\u202e' || it == '\r'), text);
        }
    }

    @Test
    void labelsAreBoundedWhateverClientsSend() {
        try (TestServer server = Scrape.server(routing -> routing.register("/wild/*", rules -> rules
                .get("/item", Hangup.cancellable(request -> "done")))); RawClient client = server.connect()) {
            for (int i = 0; i < RequestMeters.ROUTES + 10; i++) {
                client.get("/wild/t" + i + "/item").read();
                server.nextEnd();
            }
            List<String> labels = Scrape.text(client).lines()
                    .filter(line -> line.startsWith("hangup_requests_total{") && line.contains("route=\"/wild/t"))
                    .toList();
            assertEquals(RequestMeters.ROUTES, labels.size());
            assertTrue(Scrape.text(client).contains("route=\"other\""));
        }
    }

    @Test
    void nothingIsCountedThatWasSwitchedOff() {
        try (TestServer server = Scrape.server(hangup -> hangup.metrics(false), routing -> routing
                .get("/uncounted", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            client.get("/uncounted").read();
            server.nextEnd();
            assertFalse(Scrape.text(client).contains("/uncounted"));
        }
    }

    private static String value(RawClient client, String meter) {
        return Scrape.text(client).lines()
                .filter(line -> line.startsWith(meter))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no " + meter + " in\n" + Scrape.text(client)));
    }
}

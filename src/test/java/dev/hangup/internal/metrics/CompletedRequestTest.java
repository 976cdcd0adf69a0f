package dev.hangup.internal.metrics;

import java.time.Duration;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.metrics.MetricsObserver;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A request that completes within the watch delay is counted once, whoever else is notified of it. */
class CompletedRequestTest {
    private static final int REQUESTS = 20;

    @Test
    void isCountedIfTheApplicationHasNoListener() {
        assertCounted(hangup -> { });
    }

    @Test
    void isCountedIfTheApplicationHasAListener() {
        assertCounted(hangup -> hangup.addListener(end -> { }));
    }

    @Test
    void isCountedIfClientsAreLimited() {
        assertCounted(hangup -> hangup.abandonment(AbandonmentConfig.builder()
                                                           .mode(AbandonmentMode.REFUSE)
                                                           .window(Duration.ofHours(1))
                                                           .build()));
    }

    /** Work that outlasts the watch delay has events, which are counted as well. */
    private static void assertCounted(Consumer<HangupConfig.Builder> config) {
        WebServer server = WebServer.builder()
                .host("localhost")
                .addFeature(ObserveFeature.just(MetricsObserver.create()))
                .addFeature(Hangup.builder().update(config).build())
                .routing(routing -> routing.get("/counted/{long}", Hangup.cancellable(request -> {
                    if (Boolean.parseBoolean(request.path().pathParameters().get("long"))) {
                        Thread.sleep(20);
                    }
                    return "done";
                })))
                .build()
                .start();
        try (RawClient client = RawClient.connect(server.port())) {
            double completed = completed(client);
            double useful = useful(client);
            for (int i = 0; i < REQUESTS; i++) {
                assertEquals("done", client.get("/counted/" + (i % 4 == 0)).read().text());
            }
            // the client may have its response before it is counted
            Await.until("all are counted",
                        () -> completed(client) >= completed + REQUESTS && useful(client) >= useful + REQUESTS);
            assertEquals(completed + REQUESTS, completed(client));
            assertEquals(useful + REQUESTS, useful(client));
        } finally {
            server.stop();
        }
    }

    private static double completed(RawClient client) {
        return Scrape.number(client, "hangup_requests_total{outcome=\"completed\",route=\"/counted/{long}\"");
    }

    private static double useful(RawClient client) {
        return Scrape.number(client, "hangup_work_useful_seconds_count{");
    }
}

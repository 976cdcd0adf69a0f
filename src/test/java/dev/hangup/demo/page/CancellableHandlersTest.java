package dev.hangup.demo.page;

import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** What the page shows of a request does not depend on whether the ledger kept it while it was in flight. */
class CancellableHandlersTest {
    private static final String PATTERN = "/stream";

    private final AtomicLong clock = new AtomicLong();
    private final Ledger ledger = new Ledger(clock::get);
    private final CancellableHandlers handlers = new CancellableHandlers(ledger);

    @BeforeEach
    void observe() {
        handlers.observed(PATTERN, "stream", (request, response) -> { });
        clock.set(TimeUnit.SECONDS.toNanos(60));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Ledger.KNOWN})
    void cancelledRequestWasStoppedSomeTimeAfterItsClientLeft(int others) throws Exception {
        JsonObject state = end(others, Outcome.DISCONNECTED, true);
        JsonObject ended = state.getJsonArray("ended").getJsonObject(0);
        assertEquals(2000, ended.getJsonNumber("left").doubleValue() - ended.getJsonNumber("began").doubleValue(), 0.1);
        assertEquals(500, ended.getJsonNumber("ended").doubleValue() - ended.getJsonNumber("left").doubleValue(), 0.1);
        JsonObject time = state.getJsonObject("variants").getJsonObject("hangup").getJsonObject("time");
        assertEquals(2000, time.getJsonNumber("useful").doubleValue(), 0.1, "delivered before the client left");
        assertEquals(500, time.getJsonNumber("wasted").doubleValue(), 0.1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Ledger.KNOWN})
    void clientOfCompletedRequestDidNotLeave(int others) throws Exception {
        JsonObject state = end(others, Outcome.COMPLETED, true);
        assertFalse(state.getJsonArray("ended").getJsonObject(0).containsKey("left"));
        JsonObject time = state.getJsonObject("variants").getJsonObject("hangup").getJsonObject("time");
        assertEquals(0, time.getJsonNumber("wasted").doubleValue());
    }

    /** Begins other requests, and then one more, which ends; returns what the page gets then. */
    private JsonObject end(int others, Outcome outcome, boolean responseBegun) throws InterruptedException {
        for (int i = 1; i <= others; i++) {
            handlers.started(request(i));
        }
        RequestStart request = request(others + 1);
        handlers.started(request);
        RequestDecision decision = new RequestDecision(request, outcome, Duration.ofSeconds(2), "", responseBegun);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
        handlers.decided(decision);
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        handlers.ended(new RequestEnd(decision, PATTERN, true, 200, outcome.stopped() ? Duration.ofMillis(500) : Duration.ZERO,
                                      List.of()));
        return Json.createReader(new StringReader(ledger.next(Snapshot.NOTHING).json())).readObject();
    }

    private static RequestStart request(long id) {
        return new RequestStart(id, "GET", PATTERN, "127.0.0.1:1", Instant.now(), Duration.ZERO, Optional.empty());
    }
}

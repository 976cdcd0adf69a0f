package dev.hangup.demo.page;

import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

class LedgerTest {
    private static final Optional<Tag> TAG = Optional.of(new Tag("a-tag"));

    private final AtomicLong clock = new AtomicLong();
    private final Ledger ledger = new Ledger(clock::get);

    @Test
    void allOfItsTimeIsWastedOnceTheClientHasLeft() throws Exception {
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(3000);
        assertEquals("pending 3000", spent(Variant.HANGUP));
        ledger.stop(tracked, millis(3000), Outcome.DISCONNECTED, false);
        at(3500);
        assertEquals("wasted 3500", spent(Variant.HANGUP));
        ledger.end(tracked, millis(3500), Outcome.DISCONNECTED, 499);
        at(9000);
        assertEquals("wasted 3500", spent(Variant.HANGUP));
        assertEquals("[0,1000,0,0]", slots(Variant.HANGUP).getFirst());
    }

    @Test
    void itsTimeIsUsefulIfItsAnswerWasGiven() throws Exception {
        TrackedRequest tracked = begin("b1", Variant.BARE, TAG);
        at(2500);
        assertEquals("pending 2500", spent(Variant.BARE));
        ledger.end(tracked, millis(2500), Outcome.COMPLETED, 200);
        assertEquals("useful 2500", spent(Variant.BARE));
        assertEquals(List.of("[1000,0,0,0]", "[1000,0,0,0]", "[500,0,0,0]"), slots(Variant.BARE));
    }

    @Test
    void timeOfAStreamThatDeliveredIsUsefulUntilItsClientLeft() throws Exception {
        TrackedRequest plain = begin("b1", Variant.BARE, TAG);
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(3000);
        assertEquals("pending 3000", spent(Variant.HANGUP));
        ledger.stop(tracked, millis(2500), Outcome.DISCONNECTED, true);
        assertEquals("useful 2500, wasted 500", spent(Variant.HANGUP));
        ledger.end(tracked, millis(2600), Outcome.DISCONNECTED, 200);
        at(9000);
        assertEquals("useful 2500, wasted 100", spent(Variant.HANGUP));
        assertEquals("useful 2500, wasted 6500", spent(Variant.BARE));
        ledger.end(plain, millis(9000), Outcome.FAILED, 200);
        assertEquals("useful 2500, wasted 6500", spent(Variant.BARE));
        assertEquals(List.of("[1000,0,0,0]", "[1000,0,0,0]", "[500,100,0,0]"), slots(Variant.HANGUP).subList(0, 3));
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILED", "REFUSED"})
    void workThatFailedOrWasRefusedIsNeitherUsefulNorWasted(Outcome outcome) throws Exception {
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(1000);
        assertEquals("pending 1000", spent(Variant.HANGUP));
        ledger.end(tracked, millis(1000), outcome, 503);
        assertEquals("", spent(Variant.HANGUP));
        assertEquals(List.of(), slots(Variant.HANGUP));
    }

    @Test
    void whatIsNotKeptCountsOnceWhenItIsStopped() throws Exception {
        for (int i = 0; i < Ledger.KNOWN; i++) {
            begin("b" + i, Variant.BARE, Optional.empty());
        }
        begin("h1", Variant.HANGUP, TAG);
        at(1000);
        ledger.stop(again("h1"), millis(1000), Outcome.DISCONNECTED, false);
        ledger.end(again("h1"), millis(1000), Outcome.DISCONNECTED, 499);
        assertEquals("wasted 1000", spent(Variant.HANGUP));
    }

    @Test
    void whatIsToldLateIsEnteredWhereItBelongs() throws Exception {
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(5000);
        spent(Variant.HANGUP);
        ledger.stop(tracked, millis(1000), Outcome.DISCONNECTED, false);
        ledger.end(tracked, millis(1500), Outcome.DISCONNECTED, 499);
        assertEquals("wasted 1500", spent(Variant.HANGUP));
        assertEquals(List.of("[0,1000,0,0]", "[0,500,0,0]"), slots(Variant.HANGUP).subList(0, 2));
        assertEquals(List.of("[0,0,0,0]"), slots(Variant.HANGUP).stream().skip(2).distinct().toList());
    }

    @Test
    void slotsAreForgottenAfterThreeMinutes() throws Exception {
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(3000);
        ledger.end(tracked, millis(3000), Outcome.COMPLETED, 200);
        assertEquals(List.of("[1000,0,0,0]", "[1000,0,0,0]", "[1000,0,0,0]", "[0,0,0,0]"), slots(Variant.HANGUP));
        at(181_000);
        assertEquals(TimeBuckets.SLOTS, slots(Variant.HANGUP).size());
        assertEquals("[1000,0,0,0]", slots(Variant.HANGUP).getFirst());
        at(182_000);
        assertEquals(List.of(), slots(Variant.HANGUP));
        assertEquals("useful 3000", spent(Variant.HANGUP));
    }

    @Test
    void whatTookLongerThanThereAreSlotsIsCountedAllTheSame() throws Exception {
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(1_000_000);
        ledger.end(tracked, millis(1_000_000), Outcome.COMPLETED, 200);
        assertEquals("useful 1000000", spent(Variant.HANGUP));
        assertEquals(TimeBuckets.SLOTS, slots(Variant.HANGUP).size());
        assertEquals(List.of("[1000,0,0,0]", "[0,0,0,0]"), slots(Variant.HANGUP).subList(TimeBuckets.SLOTS - 2,
                                                                                                        TimeBuckets.SLOTS));
    }

    @Test
    void whoWaitsForABareRequestWithoutATagIsNotKnown() throws Exception {
        begin("b1", Variant.BARE, Optional.empty());
        at(1000);
        assertEquals("unknown 1000", spent(Variant.BARE));
    }

    @Test
    void whenTheOneRequestOfAStartIsLeftNobodyWaitsForTheOther() throws Exception {
        begin("b1", Variant.BARE, TAG);
        begin("b2", Variant.BARE, Optional.of(new Tag("another")));
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        at(1000);
        ledger.stop(tracked, millis(1000), Outcome.DISCONNECTED, false);
        assertEquals(List.of("b1 nobody", "b2 somebody", "h1 nobody"), running());
    }

    @Test
    void whoComesAfterTheOtherOfItsStartWasLeftIsWaitedForByNobody() throws Exception {
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        ledger.stop(tracked, 0, Outcome.DISCONNECTED, false);
        ledger.end(tracked, 0, Outcome.DISCONNECTED, 499);
        begin("b1", Variant.BARE, TAG);
        assertEquals(List.of("b1 nobody"), running());
    }

    @Test
    void aDeadlineOfTheOneSaysNothingOfTheOther() throws Exception {
        begin("b1", Variant.BARE, TAG);
        TrackedRequest tracked = begin("h1", Variant.HANGUP, TAG);
        ledger.stop(tracked, 0, Outcome.DEADLINE_EXCEEDED, false);
        assertEquals(List.of("b1 somebody", "h1 nobody"), running());
    }

    @Test
    void keepsNoMoreThanItShowsAndCountsAll() throws Exception {
        for (int i = 0; i < 3000; i++) {
            begin("h" + i, Variant.HANGUP, Optional.empty());
        }
        assertEquals(3000, way(Variant.HANGUP).getInt("running"));
        assertEquals(Snapshot.SHOWN, running().size());
        assertEquals(Optional.empty(), ledger.find("h2999"));
        at(1000);
        for (int i = 0; i < 3000; i++) {
            TrackedRequest tracked = ledger.find("h" + i).orElse(again("h" + i));
            ledger.end(tracked, millis(1000), Outcome.COMPLETED, 200);
        }
        assertEquals(0, way(Variant.HANGUP).getInt("running"));
        assertEquals(3000, way(Variant.HANGUP).getInt("ended"));
        assertEquals(Ledger.ENDED, state().getJsonArray("ended").size());
        assertEquals("useful 3000000", spent(Variant.HANGUP));
    }

    @Test
    void whoIsSlowIsToldTheLatestAndNothingBetween() throws Exception {
        Snapshot snapshot = ledger.next(Snapshot.NOTHING);
        for (int i = 0; i < 100; i++) {
            ledger.pages(1);
        }
        snapshot = ledger.next(snapshot);
        assertEquals(100, object(snapshot).getInt("pages"));
        Snapshot last = snapshot;
        CompletableFuture<Snapshot> next = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> complete(next, ledger, last));
        Await.untilBlocked(waiting);
        assertFalse(next.isDone(), "There was nothing to tell");
        ledger.pages(-1);
        assertEquals(99, object(next.get(Await.TIME.toSeconds(), TimeUnit.SECONDS)).getInt("pages"));
    }

    /** A proxy ends a feed on which nothing is sent, nginx after a minute. */
    @Test
    void anIdleLedgerHasTheSameStateAgainAfterAWhile() throws Exception {
        Ledger idle = new Ledger(clock::get, Duration.ofMillis(10));
        Snapshot last = idle.next(Snapshot.NOTHING);
        CompletableFuture<Snapshot> next = new CompletableFuture<>();
        Thread waiting = Thread.startVirtualThread(() -> complete(next, idle, last));
        try {
            assertEquals(last, next.get(Await.TIME.toSeconds(), TimeUnit.SECONDS));
        } finally {
            waiting.interrupt();
        }
    }

    private static void complete(CompletableFuture<Snapshot> next, Ledger ledger, Snapshot snapshot) {
        try {
            next.complete(ledger.next(snapshot));
        } catch (InterruptedException e) {
            next.completeExceptionally(e);
        }
    }

    private TrackedRequest begin(String id, Variant variant, Optional<Tag> tag) {
        TrackedRequest tracked = new TrackedRequest(id, "sleep", variant, tag, ledger.now(), 0);
        ledger.begin(tracked);
        return tracked;
    }

    /** As it is made when there is more to tell of a request that was not kept. */
    private static TrackedRequest again(String id) {
        return new TrackedRequest(id, "sleep", Variant.HANGUP, Optional.empty(), 0, 0);
    }

    private void at(long millis) {
        clock.set(millis(millis));
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private JsonObject state() throws InterruptedException {
        return object(ledger.next(Snapshot.NOTHING));
    }

    private JsonObject way(Variant variant) throws InterruptedException {
        return state().getJsonObject("variants").getJsonObject(variant.text());
    }

    private String spent(Variant variant) throws InterruptedException {
        JsonObject time = way(variant).getJsonObject("time");
        return time.keySet().stream()
                .filter(it -> time.getJsonNumber(it).doubleValue() != 0)
                .map(it -> it + " " + time.getJsonNumber(it).longValueExact())
                .collect(Collectors.joining(", "));
    }

    private List<String> slots(Variant variant) throws InterruptedException {
        return way(variant).getJsonArray("slots").stream().map(Object::toString).toList();
    }

    private List<String> running() throws InterruptedException {
        return state().getJsonArray("running").getValuesAs(JsonObject.class).stream()
                .map(it -> it.getString("id") + " " + it.getString("waiting"))
                .toList();
    }

    private static JsonObject object(Snapshot snapshot) {
        return Json.createReader(new StringReader(snapshot.json())).readObject();
    }
}

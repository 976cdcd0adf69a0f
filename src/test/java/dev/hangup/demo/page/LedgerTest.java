package dev.hangup.demo.page;

import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Patience;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

class LedgerTest {
    private static final Optional<Tag> TAG = Optional.of(new Tag("a-tag"));

    private final AtomicLong clock = new AtomicLong();
    private final Ledger ledger = new Ledger(clock::get);

    @Test
    void timeIsUsefulAsLongAsSomebodyWaits() throws Exception {
        Piece piece = begin("h1", Way.HANGUP, TAG);
        at(3000);
        assertEquals("{\"somebody\":3000.0,\"unknown\":0.0,\"nobody\":0.0}", spent(Way.HANGUP));
        ledger.stop(piece, millis(3000), Outcome.DISCONNECTED);
        at(3500);
        assertEquals("{\"somebody\":3000.0,\"unknown\":0.0,\"nobody\":500.0}", spent(Way.HANGUP));
        ledger.end(piece, millis(3500), Outcome.DISCONNECTED, 499);
        at(9000);
        assertEquals("{\"somebody\":3000.0,\"unknown\":0.0,\"nobody\":500.0}", spent(Way.HANGUP));
    }

    @Test
    void whatIsToldLateIsEnteredWhereItBelongs() throws Exception {
        Piece piece = begin("h1", Way.HANGUP, TAG);
        at(5000);
        spent(Way.HANGUP);
        ledger.stop(piece, millis(1000), Outcome.DISCONNECTED);
        ledger.end(piece, millis(1500), Outcome.DISCONNECTED, 499);
        assertEquals("{\"somebody\":1000.0,\"unknown\":0.0,\"nobody\":500.0}", spent(Way.HANGUP));
        assertEquals(List.of("[1000,0,500]", "[0,0,0]", "[0,0,0]"), slots(Way.HANGUP));
    }

    @Test
    void slotsAreForgottenAfterThreeMinutes() throws Exception {
        Piece piece = begin("h1", Way.HANGUP, TAG);
        at(3000);
        ledger.end(piece, millis(3000), Outcome.COMPLETED, 200);
        assertEquals(List.of("[2000,0,0]", "[1000,0,0]"), slots(Way.HANGUP));
        at(180_000);
        assertEquals(Spent.SLOTS, slots(Way.HANGUP).size());
        assertEquals("[1000,0,0]", slots(Way.HANGUP).getFirst());
        at(182_000);
        assertEquals(List.of(), slots(Way.HANGUP));
        assertEquals("{\"somebody\":3000.0,\"unknown\":0.0,\"nobody\":0.0}", spent(Way.HANGUP));
    }

    @Test
    void whatTookLongerThanThereAreSlotsIsCountedAllTheSame() throws Exception {
        Piece piece = begin("h1", Way.HANGUP, TAG);
        at(1_000_000);
        ledger.end(piece, millis(1_000_000), Outcome.COMPLETED, 200);
        assertEquals("{\"somebody\":1000000.0,\"unknown\":0.0,\"nobody\":0.0}", spent(Way.HANGUP));
        assertEquals(Spent.SLOTS, slots(Way.HANGUP).size());
        assertEquals(List.of("[2000,0,0]", "[0,0,0]"), slots(Way.HANGUP).subList(Spent.SLOTS - 2, Spent.SLOTS));
    }

    @Test
    void whoWaitsForABareRequestWithoutATagIsNotKnown() throws Exception {
        begin("b1", Way.BARE, Optional.empty());
        at(1000);
        assertEquals("{\"somebody\":0.0,\"unknown\":1000.0,\"nobody\":0.0}", spent(Way.BARE));
    }

    @Test
    void whenTheOneRequestOfAStartIsLeftNobodyWaitsForTheOther() throws Exception {
        begin("b1", Way.BARE, TAG);
        begin("b2", Way.BARE, Optional.of(new Tag("another")));
        Piece piece = begin("h1", Way.HANGUP, TAG);
        at(1000);
        ledger.stop(piece, millis(1000), Outcome.DISCONNECTED);
        assertEquals(List.of("b1 nobody", "b2 somebody", "h1 nobody"), running());
    }

    @Test
    void whoComesAfterTheOtherOfItsStartWasLeftIsWaitedForByNobody() throws Exception {
        Piece piece = begin("h1", Way.HANGUP, TAG);
        ledger.stop(piece, 0, Outcome.DISCONNECTED);
        ledger.end(piece, 0, Outcome.DISCONNECTED, 499);
        begin("b1", Way.BARE, TAG);
        assertEquals(List.of("b1 nobody"), running());
    }

    @Test
    void aDeadlineOfTheOneSaysNothingOfTheOther() throws Exception {
        begin("b1", Way.BARE, TAG);
        Piece piece = begin("h1", Way.HANGUP, TAG);
        ledger.stop(piece, 0, Outcome.DEADLINE_EXCEEDED);
        assertEquals(List.of("b1 somebody", "h1 nobody"), running());
    }

    @Test
    void keepsNoMoreThanItShowsAndCountsAll() throws Exception {
        for (int i = 0; i < 3000; i++) {
            begin("h" + i, Way.HANGUP, Optional.empty());
        }
        assertEquals(3000, way(Way.HANGUP).getInt("running"));
        assertEquals(Told.SHOWN, running().size());
        assertEquals(Optional.empty(), ledger.find("h2999"));
        at(1000);
        for (int i = 0; i < 3000; i++) {
            Piece piece = ledger.find("h" + i).orElse(new Piece("h" + i, "sleep", Way.HANGUP, Optional.empty(), 0, 0));
            ledger.end(piece, millis(1000), Outcome.COMPLETED, 200);
        }
        assertEquals(0, way(Way.HANGUP).getInt("running"));
        assertEquals(3000, way(Way.HANGUP).getInt("ended"));
        assertEquals(Ledger.ENDED, state().getJsonArray("ended").size());
        assertEquals("{\"somebody\":3000000.0,\"unknown\":0.0,\"nobody\":0.0}", spent(Way.HANGUP));
    }

    @Test
    void whoIsSlowIsToldTheLatestAndNothingBetween() throws Exception {
        Told told = ledger.next(Told.NOTHING);
        for (int i = 0; i < 100; i++) {
            ledger.pages(1);
        }
        told = ledger.next(told);
        assertEquals(100, object(told).getInt("pages"));
        Told last = told;
        CompletableFuture<Told> next = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> complete(next, last));
        Patience.untilBlocked(waiting);
        assertFalse(next.isDone(), "There was nothing to tell");
        ledger.pages(-1);
        assertEquals(99, object(next.get(Patience.TIME.toSeconds(), TimeUnit.SECONDS)).getInt("pages"));
    }

    private void complete(CompletableFuture<Told> next, Told told) {
        try {
            next.complete(ledger.next(told));
        } catch (InterruptedException e) {
            next.completeExceptionally(e);
        }
    }

    private Piece begin(String id, Way way, Optional<Tag> tag) {
        Piece piece = new Piece(id, "sleep", way, tag, ledger.now(), 0);
        ledger.begin(piece);
        return piece;
    }

    private void at(long millis) {
        clock.set(millis(millis));
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private JsonObject state() throws InterruptedException {
        return object(ledger.next(Told.NOTHING));
    }

    private JsonObject way(Way way) throws InterruptedException {
        return state().getJsonObject("ways").getJsonObject(way.text());
    }

    private String spent(Way way) throws InterruptedException {
        return way(way).getJsonObject("spent").toString();
    }

    private List<String> slots(Way way) throws InterruptedException {
        return way(way).getJsonArray("slots").stream().map(Object::toString).toList();
    }

    private List<String> running() throws InterruptedException {
        return state().getJsonArray("running").getValuesAs(JsonObject.class).stream()
                .map(it -> it.getString("id") + " " + it.getString("waiting"))
                .toList();
    }

    private static JsonObject object(Told told) {
        return Json.createReader(new StringReader(told.json())).readObject();
    }
}

package dev.hangup.internal.connection;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReadAheadShareTest {
    private static final int GUARANTEED = 10;
    private static final int PER_CONNECTION = 100;
    private static final int PER_ADDRESS = 150;
    private static final int TOTAL = 300;

    private final Trail trail = new Trail();
    private final ReadAheadBounds bounds = new ReadAheadBounds(GUARANTEED, PER_CONNECTION, PER_ADDRESS, TOTAL);
    private final ReadAheadShare share = bounds.share("client");

    @Test
    void allowsReadsUpToTheBoundOfTheConnection() {
        share.charge(PER_CONNECTION - 1);
        assertTrue(share.allows());
        share.charge(1);
        assertFalse(share.allows());
        share.charge(-1);
        assertTrue(share.allows());
    }

    @Test
    void boundsWhatTheConnectionsOfOneAddressBorrow() {
        ReadAheadShare sibling = bounds.share("client");
        share.charge(PER_CONNECTION);
        sibling.charge(2 * GUARANTEED + PER_ADDRESS - PER_CONNECTION);
        assertFalse(sibling.allows());
        assertTrue(filled("other", PER_CONNECTION - 1).allows());
    }

    @Test
    void boundsWhatAllAddressesBorrow() {
        fillTotal();
        share.charge(GUARANTEED - 1);
        assertTrue(share.allows());
        share.charge(1);
        assertFalse(share.allows());
        assertEquals(TOTAL + 6 * GUARANTEED, bounds.held());
    }

    @Test
    void guaranteedSharesLeaveTheTotalToOthers() {
        for (int i = 0; i < 10 * TOTAL; i++) {
            filled("client", GUARANTEED);
        }
        ReadAheadShare other = filled("other", PER_CONNECTION - 1);
        assertTrue(other.allows());
        assertEquals(10 * TOTAL * GUARANTEED + PER_CONNECTION - 1, bounds.held());
    }

    // an address with many connections used up the total by the last reads of each
    @Test
    void whatExceedsTheBoundOfAnAddressIsNotTakenFromTheOthers() {
        for (int i = 0; i < 10; i++) {
            filled("client", PER_CONNECTION);
        }
        assertTrue(filled("other", PER_CONNECTION - 1).allows());
        assertEquals(11 * PER_CONNECTION - 1, bounds.held());
    }

    @Test
    void whatExceededABoundIsBorrowedWithTheNextRead() {
        ReadAheadShare sibling = filled("client", GUARANTEED + PER_ADDRESS - 1);
        share.charge(GUARANTEED + 50);
        assertFalse(share.allows());
        sibling.close();
        assertTrue(share.allows());
        share.charge(1);
        filled("client", GUARANTEED + PER_ADDRESS - 51 - 20);
        assertTrue(filled("client", GUARANTEED + 19).allows());
        assertFalse(filled("client", GUARANTEED + 1).allows());
    }

    @Test
    void runsTheActionWhenAnotherHolderOfTheConnectionGivesBack() {
        share.charge(PER_CONNECTION);
        share.whenRoom(() -> trail.add("room"));
        share.charge(-1);
        trail.await("room");
    }

    @Test
    void runsTheActionAtOnceWhereThereIsRoom() {
        share.whenRoom(() -> trail.add("room"));
        trail.await("room");
    }

    @Test
    void runsTheActionOnceAThreadCanBeStarted() {
        ReadAheadShare scarce = scarce(2).share("client");
        scarce.charge(PER_CONNECTION);
        scarce.whenRoom(() -> trail.add("room"));
        scarce.charge(-1);
        trail.await("room");
    }

    @Test
    void servesTheConnectionsThatWaitOnceAThreadCanBeStarted() {
        ReadAheadBounds scarce = scarce(2);
        ReadAheadShare sibling = scarce.share("client");
        sibling.charge(GUARANTEED + PER_CONNECTION);
        ReadAheadShare another = scarce.share("client");
        another.charge(GUARANTEED + PER_ADDRESS - PER_CONNECTION);
        ReadAheadShare waiting = scarce.share("client");
        waiting.charge(GUARANTEED);
        waiting.whenRoom(() -> trail.add("room"));
        sibling.charge(-1);
        trail.await("room");
        // and the queue goes on being served
        waiting.charge(1);
        waiting.whenRoom(() -> trail.add("room again"));
        sibling.charge(-1);
        trail.await("room again");
    }

    private static ReadAheadBounds scarce(int failures) {
        return new ReadAheadBounds(GUARANTEED, PER_CONNECTION, PER_ADDRESS, TOTAL, new ScarceThreads(failures));
    }

    @Test
    void runsOnlyTheLastActionOfAConnection() {
        List<ReadAheadShare> others = fillTotal();
        share.charge(GUARANTEED);
        share.whenRoom(() -> trail.add("first"));
        share.whenRoom(() -> trail.add("second"));
        others.getFirst().charge(-1);
        trail.await("second");
        assertEquals(List.of("second"), trail.events());
    }

    @Test
    void servesTheConnectionsThatWaitInTheOrderOfArrival() {
        List<ReadAheadShare> others = fillTotal();
        List<ReadAheadShare> waiting = IntStream.range(0, 3).mapToObj(i -> filled("waiting", GUARANTEED)).toList();
        for (int i = 0; i < 3; i++) {
            int number = i;
            // takes the room that there was
            waiting.get(i).whenRoom(() -> {
                waiting.get(number).charge(1);
                trail.add("room for " + number);
            });
        }
        for (int i = 0; i < 3; i++) {
            others.getFirst().charge(-1);
            trail.await("room for " + i);
        }
        assertEquals(List.of("room for 0", "room for 1", "room for 2"), trail.events());
    }

    @Test
    void waitsForItsAddressWhateverRoomTheTotalHas() {
        ReadAheadShare sibling = filled("client", GUARANTEED + PER_ADDRESS);
        ReadAheadShare other = filled("other", PER_CONNECTION);
        share.charge(GUARANTEED);
        share.whenRoom(() -> trail.add("room"));
        other.charge(-1);
        other.close();
        trail.add("others have left");
        sibling.charge(-1);
        trail.await("room");
        assertEquals(List.of("others have left", "room"), trail.events());
    }

    @Test
    void closedShareGivesBackAllAndIgnoresWhatComesLater() {
        share.charge(PER_CONNECTION);
        share.close();
        assertEquals(0, bounds.held());
        share.charge(50);
        share.charge(-100);
        share.close();
        assertEquals(0, bounds.held());
        assertFalse(share.allows());
        assertEquals(0, bounds.addresses());
    }

    @Test
    void waitingEndsWithTheConnection() {
        List<ReadAheadShare> others = fillTotal();
        int before = bounds.addresses();
        share.charge(GUARANTEED);
        share.whenRoom(() -> trail.add("room"));
        share.close();
        for (int i = 0; i < 1000; i++) {
            ReadAheadShare passing = filled("passing " + i, GUARANTEED);
            passing.whenRoom(() -> trail.add("room"));
            passing.close();
            passing.whenRoom(() -> trail.add("room"));
        }
        ReadAheadShare last = filled("last", GUARANTEED);
        last.whenRoom(() -> trail.add("last"));
        assertEquals(before, bounds.addresses());
        assertEquals(1, bounds.total.waiting());
        others.getFirst().charge(-1);
        trail.await("last");
        assertEquals(List.of("last"), trail.events());
    }

    /** Connections of several addresses that hold, wait, give back and close at random leave nothing, and all are served. */
    @Test
    void sumsAreExactAndNobodyIsForgottenWhateverTheInterleaving() {
        List<Thread> threads = IntStream.range(0, 8).mapToObj(i -> Thread.startVirtualThread(() -> connections("address " + i % 3)))
                .toList();
        threads.forEach(ReadAheadShareTest::join);
        assertEquals(8, trail.events().size(), trail.events()::toString);
        assertEquals(0, bounds.held());
        assertEquals(1, bounds.addresses());
        assertEquals(0, bounds.total.waiting());
        share.close();
        assertEquals(0, bounds.addresses());
    }

    private void connections(String address) {
        for (int i = 0; i < 2000; i++) {
            ReadAheadShare one = bounds.share(address);
            Thread second = Thread.startVirtualThread(() -> holdAndGiveBack(one));
            int held = 0;
            for (int j = 0; j < 3; j++) {
                if (one.allows()) {
                    one.charge(40);
                    held += 40;
                } else {
                    Trail waiting = new Trail();
                    one.whenRoom(() -> waiting.add("room"));
                    // nobody that waits holds more than it is guaranteed, so there must be room for all in the end
                    one.charge(GUARANTEED - held);
                    held = GUARANTEED;
                    waiting.await("room");
                }
            }
            join(second);
            one.close();
        }
        trail.add("done");
    }

    private static void holdAndGiveBack(ReadAheadShare share) {
        share.charge(20);
        if (ThreadLocalRandom.current().nextBoolean()) {
            Thread.yield();
        }
        share.charge(-20);
    }

    private List<ReadAheadShare> fillTotal() {
        return Stream.of("a", "a", "b", "b", "c").map(it -> filled(it, GUARANTEED + TOTAL / 5)).toList();
    }

    private ReadAheadShare filled(String client, int bytes) {
        ReadAheadShare filled = bounds.share(client);
        filled.charge(bytes);
        return filled;
    }

    private static void join(Thread thread) {
        try {
            assertTrue(thread.join(Await.TIME), "ends in time");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Await;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReadAheadTest {
    private static final byte[] ONE = {1};
    private static final byte[] TWO = {2};

    private final Trail trail = new Trail();
    private final ScriptedSocket socket = new ScriptedSocket(trail);
    private final ReadAheadBounds bounds = new ReadAheadBounds(512, 1024, 2048, 4096);
    private final ReadAheadShare share = bounds.share("one");
    private final List<ReadAheadShare> others = List.of(bounds.share("others"), bounds.share("and others"));
    private final ReadAhead reading = new ReadAhead(socket, share, "reader");

    @Test
    void readsOnTheAskingThreadWhileNobodyWatches() {
        socket.sends(ONE);
        assertArrayEquals(ONE, reading.get());
        assertSame(Thread.currentThread(), socket.lastReader());
    }

    @Test
    void givesWhatWasReadBeforeItFirst() {
        DataReader before = DataReader.create(() -> TWO);
        before.ensureAvailable();
        ReadAhead late = new ReadAhead(new SocketSource(before, socket), share, "reader");
        socket.sends(ONE);
        assertArrayEquals(TWO, late.get());
        assertArrayEquals(ONE, late.get());
    }

    @Test
    void readsAheadInOrderWhileWatched() {
        watch();
        socket.sends(ONE);
        socket.sends(TWO);
        trail.await("read", 3);
        assertArrayEquals(ONE, reading.get());
        assertArrayEquals(TWO, reading.get());
        assertNotSame(Thread.currentThread(), socket.lastReader());
        assertEquals(0, bounds.held());
    }

    @Test
    void doesNotReadUnaskedUntilTheWorkLasts() throws Exception {
        reading.guard(() -> trail.add("departed"));
        FutureTask<byte[]> asking = new FutureTask<>(reading::get);
        assertEquals(List.of(), trail.events());
        Thread asker = Thread.startVirtualThread(asking);
        trail.await("read");
        assertNotSame(asker, socket.lastReader());
        socket.sends(ONE);
        assertArrayEquals(ONE, asking.get());
        socket.awaitReadersEnd();
        assertEquals(List.of("read"), trail.events());
    }

    @Test
    void waitsForBytesUntilAReaderCanBeStarted() throws Exception {
        ReadAhead scarce = new ReadAhead(socket, share, new ScarceThreads(2));
        scarce.guard(() -> trail.add("departed"));
        socket.sends(ONE);
        FutureTask<byte[]> asking = new FutureTask<>(scarce::get);
        Thread.startVirtualThread(asking);
        assertArrayEquals(ONE, asking.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Test
    void noticesADepartureOnceAReaderCanBeStarted() {
        ReadAhead scarce = new ReadAhead(socket, share, new ScarceThreads(2));
        scarce.guard(() -> trail.add("departed"));
        scarce.watch();
        socket.ends();
        trail.await("departed");
    }

    @Test
    void thereIsOneReaderEvenIfAThreadRunsWhoseStartHasThrown() throws Exception {
        ScarceThreads threads = ScarceThreads.thatRunAllTheSame(1);
        ReadAhead scarce = new ReadAhead(socket, share, threads);
        scarce.guard(() -> trail.add("departed"));
        scarce.watch();
        trail.await("read");
        socket.sends(ONE);
        trail.await("read", 2);
        // it would read now
        threads.awaitGhost();
        assertEquals(List.of("read", "read"), trail.events());
        assertArrayEquals(ONE, scarce.get());
    }

    @Test
    void readsOnTheAskingThreadAfterAReaderThatCouldNotBeStarted() throws Exception {
        ReadAhead scarce = new ReadAhead(socket, share, new ScarceThreads(Integer.MAX_VALUE));
        scarce.guard(() -> trail.add("departed"));
        scarce.watch();
        scarce.unwatch();
        socket.sends(ONE);
        FutureTask<byte[]> asking = new FutureTask<>(scarce::get);
        Thread asker = Thread.startVirtualThread(asking);
        assertArrayEquals(ONE, asking.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
        assertSame(asker, socket.lastReader());
    }

    @Test
    void hangsUpByAnInterruptOfItsReader() throws InterruptedException {
        watch();
        trail.await("read");
        reading.hangUp();
        socket.awaitReadersEnd();
        assertEquals(List.of("read", "closed by interrupt", "departed"), trail.events());
    }

    @Test
    void reportsOfTheEndBehindBytesThatNobodyAskedFor() {
        watch();
        socket.sends(ONE);
        socket.ends();
        trail.await("departed");
        assertArrayEquals(ONE, reading.get());
        assertNull(reading.get());
    }

    @Test
    void reportsOfTheEndBeforeItIsFoundByAReader() throws Exception {
        watch();
        FutureTask<byte[]> asking = asking(() -> trail.add("found"));
        socket.ends();
        assertNull(asking.get());
        assertEquals(List.of("read", "departed", "found"), trail.events());
    }

    @Test
    void notifiesAtOnceOfAnEndThatWasSeenBefore() {
        socket.ends();
        assertNull(reading.get());
        watch();
        assertEquals(List.of("read", "departed"), trail.events());
    }

    @Test
    void keepsAnEndBetweenTwoWatchesForTheSecond() throws InterruptedException {
        watch();
        trail.await("read");
        reading.unwatch();
        socket.ends();
        socket.awaitReadersEnd();
        assertEquals(List.of("read"), trail.events());
        watch();
        trail.await("departed");
    }

    @Test
    void leavesTheReadThatIsUnderWayToWhoAsksNext() throws Exception {
        watch();
        trail.await("read");
        reading.unwatch();
        FutureTask<byte[]> asking = asking(() -> { });
        socket.sends(ONE);
        assertArrayEquals(ONE, asking.get());
        socket.awaitReadersEnd();
        assertEquals(List.of("read"), trail.events());
    }

    @Test
    void stopsAtItsBoundUntilSomeIsTaken() throws InterruptedException {
        watch();
        socket.sends(new byte[1024]);
        socket.awaitReadersEndAfter(1);
        socket.sends(ONE);
        assertEquals(1024 + ReadBuffer.OVERHEAD, bounds.held());
        assertEquals(List.of("read"), trail.events());

        assertEquals(1024, reading.get().length);
        trail.await("read", 3);
        assertArrayEquals(ONE, reading.get());
    }

    // seen in the first sketch: the reader stopped, and who waited for its bytes slept on
    @Test
    void wakesWhoWaitsWhenItStopsAtItsBound() throws Exception {
        watch();
        FutureTask<byte[]> asking = asking(() -> { });
        socket.sends(new byte[4096]);
        assertEquals(4096, asking.get().length);
    }

    @Test
    void readsForWhoWaitsWhateverTheBounds() throws Exception {
        othersUseUpTheTotal();
        watch();
        for (int i = 0; i < 3; i++) {
            socket.sends(new byte[2048]);
            assertEquals(2048, reading.get().length);
        }
    }

    @Test
    void countsWhatItCostsToKeepManySmallPieces() throws InterruptedException {
        watch();
        int pieces = 1024 / (ReadBuffer.OVERHEAD + 1) + 1;
        for (int i = 0; i < pieces; i++) {
            socket.sends(ONE);
        }
        socket.awaitReadersEndAfter(pieces);
        assertTrue(bounds.held() >= 1024);
    }

    @Test
    void stopsAtItsGuaranteedShareWhenAllTogetherHoldTooMuch() throws InterruptedException {
        othersUseUpTheTotal();
        watch();
        socket.sends(new byte[512]);
        socket.awaitReadersEndAfter(1);
        socket.ends();
        assertEquals(List.of("read"), trail.events());
        assertEquals(512, reading.get().length);
        trail.await("departed");
    }

    @Test
    void noticesADepartureBehindAFewBytesWhateverTheOthersHold() {
        othersUseUpTheTotal();
        watch();
        for (int i = 0; i < 10; i++) {
            socket.sends(ONE);
        }
        socket.ends();
        trail.await("departed");
    }

    // a reader that the others had stopped stayed blind when they had given everything back
    @Test
    void readsOnWhenTheOthersHaveGivenSomeBack() throws InterruptedException {
        othersUseUpTheTotal();
        watch();
        socket.sends(new byte[512]);
        socket.awaitReadersEndAfter(1);
        others.getFirst().charge(-100);
        socket.ends();
        trail.await("departed");
    }

    @Test
    void refusesWhoWaitsAndWhoeverComesLater() throws Exception {
        watch();
        FutureTask<byte[]> asking = asking(() -> { });
        reading.refuse();
        assertInstanceOf(CloseConnectionException.class, assertThrows(ExecutionException.class, asking::get).getCause());
        assertThrows(CloseConnectionException.class, reading::get);
    }

    @Test
    void throwsAwayWhatComesWhileItRefuses() {
        watch();
        socket.sends(ONE);
        trail.await("read", 2);
        reading.refuse();
        assertEquals(0, bounds.held());
        for (int i = 0; i < 10; i++) {
            socket.sends(new byte[1024]);
        }
        trail.await("read", 12);
        assertEquals(0, bounds.held());
    }

    @Test
    void lingersUntilTheClientEnds() throws Exception {
        watch();
        reading.refuse();
        FutureTask<Void> lingering = untilBlocked(new FutureTask<>(() -> {
            reading.lingeringClose(Duration.ofHours(1), true);
            trail.add("over");
        }, null));
        socket.sends(ONE);
        trail.await("read", 2);
        socket.ends();
        lingering.get();
        assertEquals(List.of("read", "read", "departed", "over"), trail.events());
    }

    @Test
    void lingersUntilTheClientHasSentAsMuchAsIsDiscarded() throws Exception {
        watch();
        reading.refuse();
        FutureTask<Void> lingering = untilBlocked(new FutureTask<>(() -> reading.lingeringClose(Duration.ofHours(1), true), null));
        sendsMoreThanIsDiscarded();
        lingering.get();
        reading.lingeringClose(Duration.ofHours(1), true);
    }

    /** The thread that would linger hangs in work that is unresponsive. */
    @Test
    void discardsNoMoreThanThatWhenNobodyLingers() throws InterruptedException {
        watch();
        reading.refuse();
        sendsMoreThanIsDiscarded();
        socket.awaitReadersEndAfter(16);
        assertEquals(16, trail.events().size());
    }

    @Test
    void doesNotLingerForWhoIsQuiet() {
        watch();
        reading.refuse();
        // a minute would be too long for the test
        reading.lingeringClose(Duration.ofMinutes(10), false);
        reading.lingeringClose(Duration.ofMillis(10), true);
    }

    @Test
    void lingersForWhoHasSentMoreThanWasAskedFor() throws Exception {
        watch();
        socket.sends(ONE);
        trail.await("read", 2);
        reading.refuse();
        FutureTask<Void> lingering = untilBlocked(new FutureTask<>(() -> reading.lingeringClose(Duration.ofHours(1), false), null));
        socket.ends();
        lingering.get();
    }

    @Test
    void interruptOfWhoWaitsClosesNothingAndLosesNothing() throws Exception {
        watch();
        trail.await("read");
        Thread.currentThread().interrupt();
        assertThrows(CloseConnectionException.class, reading::get);
        assertTrue(Thread.interrupted());
        socket.sends(ONE);
        assertArrayEquals(ONE, reading.get());
    }

    @Test
    void failureOfTheSocketIsADeparture() {
        watch();
        socket.fails(new UncheckedIOException(new IOException("Connection reset")));
        trail.await("departed");
        ServerConnectionException failure = assertThrows(ServerConnectionException.class, reading::get);
        assertEquals("Connection reset", failure.getCause().getCause().getMessage());
    }

    @Test
    void whoWaitsHearsOfAnErrorOfTheReader() throws Exception {
        watch();
        FutureTask<byte[]> asking = asking(() -> { });
        socket.breaks(new OutOfMemoryError("of the test"));
        assertInstanceOf(ServerConnectionException.class, assertThrows(ExecutionException.class, asking::get).getCause());
    }

    @Test
    void whoWaitsHearsOfTheEndAlthoughItsDepartureCannotBeReported() {
        watch();
        reading.guard(() -> {
            throw new OutOfMemoryError("of the test");
        });
        FutureTask<byte[]> asking = asking(() -> { });
        socket.ends();
        assertThrows(ExecutionException.class, () -> asking.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Test
    void givesBackWhatItHeldWhenTheConnectionIsOver() {
        watch();
        socket.sends(ONE);
        trail.await("read", 2);
        reading.close();
        assertEquals(0, bounds.held());
        socket.sends(TWO);
        socket.ends();
        trail.await("read", 3);
        assertEquals(0, bounds.held());
    }

    private void othersUseUpTheTotal() {
        others.forEach(it -> it.charge(512 + 2048));
    }

    private void sendsMoreThanIsDiscarded() {
        for (int i = 0; i < 17; i++) {
            socket.sends(new byte[ReadAhead.MAX_DISCARDED / 16]);
        }
    }

    private void watch() {
        reading.guard(() -> trail.add("departed"));
        reading.watch();
    }

    /** A thread that waits in {@link ReadAhead#get()}. */
    private FutureTask<byte[]> asking(Runnable then) {
        FutureTask<byte[]> asking = new FutureTask<>(() -> {
            try {
                return reading.get();
            } finally {
                then.run();
            }
        });
        trail.await("read");
        return untilBlocked(asking);
    }

    private static <T> FutureTask<T> untilBlocked(FutureTask<T> task) {
        Await.untilBlocked(Thread.startVirtualThread(task));
        return task;
    }
}

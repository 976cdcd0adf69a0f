package dev.hangup.internal.carriers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.CarrierReport;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the guard decides, look by look, with a scheduler and a clock that do as they are told. */
class CarrierControlTest {
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int USUAL = 2;
    private static final int MAX = 64;

    private final ScriptedScheduler scheduler = new ScriptedScheduler(USUAL);
    private final List<CarrierReport> reports = new ArrayList<>();
    private long now = Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(1);
    /** Changes when a request begins or ends. */
    private long progress;
    private final Thread holder = Thread.ofVirtual().unstarted(() -> { });
    private final CarrierControl control = new CarrierControl(scheduler, () -> now, () -> progress, this::mountedRequests, () -> MAX,
                                                              reports::add);

    @BeforeEach
    void holdByRequest() {
        scheduler.holder(holder);
    }

    @Test
    void waitingForAMomentIsNoFreeze() {
        for (int i = 0; i < 1000; i++) {
            scheduler.held(i % 4 == 0 ? 2 : 0);
            look();
        }
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(), reports);
    }

    @Test
    void aPauseOfTheWholeJvmIsNoFreeze() {
        scheduler.held(2);
        look();
        pass(Duration.ofSeconds(1));
        look();
        scheduler.held(0);
        look();
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(), reports);
    }

    /** A carrier runs its own queue first: the canary waits for as long as that is never empty. */
    @Test
    void aBusyServerWhoseRequestsComeAndGoIsNoFreeze() {
        scheduler.held(2);
        scheduler.holder(null);
        looksWithProgress(Duration.ofMinutes(1));
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(), reports);
    }

    @Test
    void aRequestThatHoldsItsCarrierBesideThoseThatComeAndGoIsAFreeze() {
        scheduler.held(2);
        looksWithProgress(Duration.ofMillis(195));
        assertEquals(List.of(), reports);
        looksWithProgress(Duration.ofMillis(10));
        assertEquals(4, scheduler.parallelism());
        assertEquals(List.of(CarrierReport.Event.ADDED), events());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void howeverSeldomTheseComeAndGo(int looks) {
        scheduler.held(2);
        for (int i = 0; i < 50; i++) {
            if (i % looks == 0) {
                progress++;
            }
            look();
        }
        assertEquals(4, scheduler.parallelism());
    }

    /** The canary of a busy server may wait for long before a request holds a carrier. */
    @Test
    void onlyTheTimeInWhichARequestHoldsItsCarrierCountsAsFrozen() {
        scheduler.held(2);
        scheduler.holder(null);
        looksWithProgress(Duration.ofMinutes(1));
        scheduler.holder(holder);
        looksWithProgress(Duration.ofMillis(500));
        assertEquals(List.of(CarrierReport.Event.ADDED), events());
        assertTrue(control.frozenNanos() < Duration.ofMillis(500).toNanos(), control.frozenNanos() + " ns");
        assertTrue(reports.getFirst().frozen().toMillis() < 500, reports.toString());
    }

    @Test
    void otherWorkThatHoldsAllCarriersIsAFreezeAfterAWhile() {
        scheduler.held(2);
        scheduler.holder(null);
        looks(Duration.ofMillis(95));
        assertEquals(List.of(), reports);
        looks(Duration.ofMillis(15));
        assertEquals(4, scheduler.parallelism());
    }

    @Test
    void aRequestThatPausesHoldsNoCarrier() {
        scheduler.held(2);
        for (int i = 0; i < 10_000; i++) {
            scheduler.holder(i % 3 == 0 ? null : holder);
            looksWithProgress(Duration.ofNanos(LOOK));
        }
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(), reports);
    }

    @Test
    void carriersThatAreHeldButWantedByNobodyAreNoFreeze() {
        scheduler.held(2);
        scheduler.wanted(false);
        looks(Duration.ofSeconds(1));
        assertEquals(USUAL, scheduler.parallelism());
    }

    @Test
    void doublesUntilACanaryRuns() {
        scheduler.held(13);
        looks(Duration.ofMillis(25));
        assertEquals(4, scheduler.parallelism());
        looks(Duration.ofMillis(10));
        assertEquals(8, scheduler.parallelism());
        looks(Duration.ofMillis(900));
        assertEquals(16, scheduler.parallelism());
        assertEquals(List.of(CarrierReport.Event.ADDED), events());
        assertEquals(4, reports.getFirst().carriers());
        assertEquals(USUAL, reports.getFirst().usual());
        assertTrue(control.frozenNanos() >= Duration.ofMillis(30).toNanos(), control.frozenNanos() + " ns");
    }

    @Test
    void returnsToTheUsualNumberAndSaysSoOnce() {
        scheduler.held(13);
        looks(Duration.ofMillis(500));
        scheduler.held(0);
        looks(Duration.ofSeconds(5));
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(CarrierReport.Event.ADDED, CarrierReport.Event.OVER), events());
        assertEquals(Long.MAX_VALUE, control.idleNanos());
    }

    @Test
    void returnsToTwiceWhatIsStillHeld() {
        scheduler.held(30);
        looks(Duration.ofMillis(500));
        assertEquals(32, scheduler.parallelism());
        scheduler.held(5);
        looks(Duration.ofSeconds(5));
        assertEquals(10, scheduler.parallelism());
        scheduler.held(1);
        looks(Duration.ofSeconds(5));
        assertEquals(USUAL, scheduler.parallelism());
    }

    @Test
    void aBusyServerHoldsNoCarriersForEver() {
        scheduler.held(13);
        looks(Duration.ofMillis(500));
        scheduler.held(0);
        scheduler.busy(true);
        looks(Duration.ofSeconds(30));
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(CarrierReport.Event.ADDED, CarrierReport.Event.OVER), events());
    }

    @Test
    void loopsThatLastAreDisturbedEverMoreSeldom() {
        scheduler.held(40);
        looks(Duration.ofMinutes(60));
        assertEquals(MAX, scheduler.parallelism());
        assertTrue(scheduler.changes() < 40, scheduler.changes() + " changes");
        assertEquals(List.of(CarrierReport.Event.ADDED), events());
    }

    @Test
    void aLoadThatComesAndGoesDoesNotMakeItOscillate() {
        for (int i = 0; i < 300; i++) {
            scheduler.held(13);
            looks(Duration.ofSeconds(2));
            scheduler.held(0);
            looks(Duration.ofSeconds(4));
        }
        // of 300 loads
        assertTrue(scheduler.changes() < 40, scheduler.changes() + " changes");
        looks(Duration.ofMinutes(10));
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(CarrierReport.Event.OVER, events().getLast());
    }

    @Test
    void whatOthersSetStays() {
        scheduler.held(13);
        looks(Duration.ofMillis(500));
        assertEquals(16, scheduler.parallelism());
        scheduler.parallelism(20);
        looks(Duration.ofMillis(500));
        scheduler.held(0);
        looks(Duration.ofSeconds(10));
        assertEquals(20, scheduler.parallelism());
        assertEquals(20, reports.getLast().usual());
        assertEquals(CarrierReport.Event.OVER, events().getLast());
    }

    @Test
    void goesNoHigherThanItMayAndSaysSo() {
        scheduler.held(100);
        looks(Duration.ofSeconds(10));
        assertEquals(MAX, scheduler.parallelism());
        assertEquals(List.of(CarrierReport.Event.ADDED, CarrierReport.Event.EXHAUSTED), events());
        assertTrue(scheduler.started() < 200, scheduler.started() + " canaries in ten seconds");
        scheduler.held(0);
        looks(Duration.ofSeconds(5));
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(CarrierReport.Event.OVER, events().getLast());
    }

    @Test
    void whereItMayAddNoneItStillSaysThatAllAreHeld() {
        CarrierControl bounded = new CarrierControl(scheduler, () -> now, () -> progress, this::mountedRequests, () -> USUAL,
                                                    reports::add);
        for (int episode = 1; episode <= 2; episode++) {
            scheduler.held(2);
            for (int i = 0; i < 400; i++) {
                pass(Duration.ofNanos(LOOK));
                bounded.look();
            }
            scheduler.held(0);
            for (int i = 0; i < 400; i++) {
                pass(Duration.ofNanos(LOOK));
                bounded.look();
            }
        }
        assertEquals(List.of(CarrierReport.Event.EXHAUSTED, CarrierReport.Event.OVER, CarrierReport.Event.EXHAUSTED,
                             CarrierReport.Event.OVER), events());
        assertEquals(USUAL, scheduler.parallelism());
    }

    @Test
    void itsEndLeavesTheSchedulerAsItWas() {
        scheduler.held(13);
        looks(Duration.ofMillis(500));
        control.end();
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(CarrierReport.Event.OVER, events().getLast());
    }

    @ParameterizedTest
    @EnumSource
    void carriersAreAddedAlthoughNoNativeThreadCouldBeStartedOnce(Starting starting) {
        scheduler.failOnce(starting);
        scheduler.held(13);
        looks(Duration.ofMillis(500));
        assertTrue(scheduler.hasFailed());
        assertEquals(16, scheduler.parallelism());
        assertEquals(16, control.carriers());
        assertEquals(List.of(CarrierReport.Event.ADDED), events());
        control.end();
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(USUAL, control.usual());
    }

    /** It would be missed for ever, and look as if carriers were frozen. */
    @Test
    void aCanaryThatCouldNotBeStartedIsNotWaitedFor() {
        scheduler.failOnce(Starting.CANARY);
        scheduler.queued(1);
        look();
        assertTrue(scheduler.hasFailed());
        scheduler.queued(0);
        looks(Duration.ofSeconds(1));
        assertEquals(USUAL, scheduler.parallelism());
        assertEquals(List.of(), reports);
    }

    @Test
    void whileNothingIsInFlightItNeedsToLookOnlyWhenSomethingIsToBeUndone() {
        assertEquals(Long.MAX_VALUE, control.idleNanos());
        scheduler.held(13);
        looks(Duration.ofMillis(500));
        scheduler.held(0);
        looks(Duration.ofMillis(50));
        assertTrue(control.idleNanos() > LOOK && control.idleNanos() < Long.MAX_VALUE, control.idleNanos() + " ns");
        int woken = 0;
        for (; control.idleNanos() < Long.MAX_VALUE; woken++) {
            pass(Duration.ofNanos(control.idleNanos()));
            look();
        }
        assertEquals(USUAL, scheduler.parallelism());
        assertTrue(woken < 5, "woken " + woken + " times");
    }

    private List<CarrierReport.Event> events() {
        return reports.stream().map(CarrierReport::event).filter(it -> it != CarrierReport.Event.CHANGED).toList();
    }

    private List<Thread> mountedRequests() {
        return scheduler.holder == null ? List.of() : List.of(scheduler.holder);
    }

    private void looksWithProgress(Duration time) {
        for (long i = 0; i < time.toNanos() / LOOK; i++) {
            progress++;
            look();
        }
    }

    private void looks(Duration time) {
        for (long i = 0; i < time.toNanos() / LOOK; i++) {
            look();
        }
    }

    private void look() {
        pass(Duration.ofNanos(LOOK));
        try {
            control.look();
        } catch (OutOfMemoryError e) {
            // which JUnit takes for its own
            throw new AssertionError(e);
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** What starts a native thread, which may fail. */
    private enum Starting {
        CANARY,
        /** The JDK sets the number, and then starts a virtual thread. */
        NUMBER,
        NEW_CARRIER
    }

    /** Runs what is started as soon as not all carriers are held. */
    private static final class ScriptedScheduler implements Scheduler {
        private final List<Runnable> waiting = new ArrayList<>();
        private int parallelism;
        private int held;
        /** A thread that holds a carrier; {@code null} if none that is known. */
        private Thread holder;
        private boolean wanted = true;
        private boolean busy;
        private int changes;
        private int started;
        /** Threads that wait, beside those that hold. */
        private int queued;
        /** {@code null} if nothing fails, or has failed. */
        private Starting failing;
        private boolean failed;

        ScriptedScheduler(int parallelism) {
            this.parallelism = parallelism;
        }

        /** So many virtual threads hold their carriers, or wait for one to hold. */
        void held(int held) {
            this.held = held;
            run();
        }

        /** Whether another virtual thread waits while all carriers are held. */
        void wanted(boolean wanted) {
            this.wanted = wanted;
        }

        /** All carriers run, none is held. */
        void busy(boolean busy) {
            this.busy = busy;
        }

        void holder(Thread holder) {
            this.holder = holder;
        }

        void queued(int queued) {
            this.queued = queued;
        }

        void failOnce(Starting starting) {
            failing = starting;
        }

        boolean hasFailed() {
            return failed;
        }

        int changes() {
            return changes;
        }

        int started() {
            return started;
        }

        @Override
        public int parallelism() {
            return parallelism;
        }

        @Override
        public void parallelism(int carriers) {
            changes++;
            parallelism = carriers;
            run();
            failIf(Starting.NUMBER);
        }

        @Override
        public int mounted() {
            return busy ? parallelism : Math.min(held, parallelism);
        }

        @Override
        public boolean isMounted(Thread thread) {
            return thread == holder;
        }

        @Override
        public long queued() {
            return waiting.size() + Math.max(0, held - parallelism) + (frozen() && wanted ? 1 : 0) + queued;
        }

        @Override
        public void start(Runnable task) {
            failIf(Starting.CANARY);
            started++;
            waiting.add(task);
            run();
        }

        @Override
        public void startOnNewCarrier(Runnable task) {
            failIf(Starting.NEW_CARRIER);
            start(task);
        }

        private void failIf(Starting starting) {
            if (failing == starting) {
                failing = null;
                failed = true;
                throw new OutOfMemoryError("unable to create native thread");
            }
        }

        private boolean frozen() {
            return held >= parallelism;
        }

        private void run() {
            if (!frozen()) {
                waiting.forEach(Runnable::run);
                waiting.clear();
            }
        }
    }
}

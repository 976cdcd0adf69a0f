package dev.hangup.internal.race;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.internal.response.ResponseOwnership;
import dev.hangup.internal.time.CoarseTimeout;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.Trail;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** When work is watched: a moment after it has begun, and not for ever after its request has come. */
class WatchDelayTest {
    private static final Listeners NOBODY = new Listeners(List.of(), List.of());
    private static final UnresponsiveRegistry UNRESPONSIVE = new UnresponsiveRegistry(Duration.ofDays(1), 1, NOBODY);
    private static final RoutePolicy ROUTE = new RoutePolicy(Optional.empty(), Optional.empty());
    /** The delay may end before the second tick, since it starts after the first. */
    private static final int TICKS = 3;

    private final Trail trail = new Trail();
    /** How often the signal cannot be armed. */
    private final AtomicInteger failures = new AtomicInteger();
    private final WorkTracker tracker = new WorkTracker(UNRESPONSIVE, ROUTE, null);

    @Test
    void workThatHasNotBegunIsNotWatched() {
        WatchDelay delay = delay(signal(Duration.ofDays(1)));
        new Tick(TICKS, () -> tracker.begins(Thread.currentThread())).begin();
        assertTrue(delay.elapsedFirst());
        assertEquals(List.of("tick", "tick", "tick", "watched"), trail.events());
    }

    @Test
    void workThatHasBegunIsWatchedAMomentLater() {
        WatchDelay delay = delay(signal(Duration.ofDays(1)));
        tracker.begins(Thread.currentThread());
        beginOnceTheDelayHas(new Tick(TICKS, () -> { }));
        assertTrue(delay.elapsedFirst());
        trail.await("tick", TICKS);
        assertTrue(trail.events().indexOf("watched") < TICKS, trail.events().toString());
    }

    @Test
    void workThatDoesNotBeginIsWatchedAfterAll() {
        assertTrue(delay(signal(Duration.ofDays(1))).elapsedFirst());
        assertEquals(List.of("watched"), trail.events());
    }

    @Test
    void deadlineDoesNotWaitForTheWorkToBegin() {
        CancellationSignal signal = signal(Duration.ofNanos(1));
        WatchDelay delay = delay(signal);
        beginOnceTheDelayHas(new Tick(TICKS, () -> trail.add(String.valueOf(signal.reason()))));
        assertTrue(delay.elapsedFirst());
        trail.await(String.valueOf(Outcome.DEADLINE_EXCEEDED));
    }

    @Test
    void workThatEndsWithinTheDelayIsNeverWatched() {
        WatchDelay delay = delay(signal(Duration.ofDays(1)));
        assertTrue(delay.workEndedFirst());
        assertFalse(delay.elapsedFirst());
        // the delay is over when a timeout that began after it has ended
        new Tick(TICKS, () -> { }).begin();
        trail.await("tick", TICKS);
        assertFalse(trail.events().contains("watched"), trail.events().toString());
    }

    /** Whichever comes first, the end of the work or that of the delay. */
    @Test
    void waiterIsWokenWhenTheWorkEnds() throws InterruptedException {
        Thread waiter = Thread.currentThread();
        for (int i = 0; i < 20; i++) {
            WatchDelay delay = delay(signal(Duration.ofDays(1)));
            boolean[] workEndedFirst = new boolean[1];
            Thread work = Thread.ofPlatform().start(() -> {
                Await.untilBlocked(waiter);
                workEndedFirst[0] = delay.workEndedFirst();
                delay.wake();
            });
            boolean elapsedFirst = delay.elapsedFirst();
            work.join();
            assertEquals(!elapsedFirst, workEndedFirst[0]);
        }
    }

    /** As without memory. Nobody else would wake the thread that waits. */
    @Test
    void signalThatTheTimeoutCannotArmIsArmedByTheThreadThatWaits() {
        CancellationSignal signal = signal(Duration.ofDays(1));
        failures.set(1);
        tracker.begins(Thread.currentThread());
        try (BrokenLog log = new BrokenLog(CoarseTimeout.class)) {
            assertTrue(delay(signal).elapsedFirst());
            assertEquals(List.of("fails", "armed here"), trail.events());
            log.trail().await("A timeout's action failed");
        }
    }

    /** Otherwise all of its ticks might come before the delay has begun, if this thread stands still. */
    private static void beginOnceTheDelayHas(Tick tick) {
        Thread waiter = Thread.currentThread();
        Thread.ofPlatform().start(() -> {
            Await.untilBlocked(waiter);
            tick.begin();
        });
    }

    private WatchDelay delay(CancellationSignal signal) {
        return new WatchDelay(signal, tracker);
    }

    private CancellationSignal signal(Duration deadline) {
        ServerPolicy policy = new ServerPolicy(deadline, Duration.ofDays(1), new StallLimit(Duration.ZERO, 0),
                                               ServerPolicy.CLIENT_CLOSED_REQUEST, Duration.ofSeconds(1), NOBODY, UNRESPONSIVE,
                                               List.of());
        return new CancellationSignal(exchange(), policy, ROUTE, Optional.empty(), new ResponseOwnership(), tracker);
    }

    /** An exchange that the signal asks when it is armed, on the thread of the timeouts. */
    private Exchange exchange() {
        Thread test = Thread.currentThread();
        long now = System.nanoTime();
        return (Exchange) Proxy.newProxyInstance(Exchange.class.getClassLoader(), new Class<?>[] {Exchange.class},
                                                 (proxy, method, arguments) -> switch (method.getName()) {
            case "headersReadAt" -> now;
            case "noticesDepartures" -> {
                if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    trail.add("fails");
                    throw new OutOfMemoryError("Java heap space");
                } else if (Thread.currentThread() != test) {
                    trail.add("watched");
                } else if (trail.events().contains("fails")) {
                    trail.add("armed here");
                }
                yield false;
            }
            default -> throw new AssertionError(method);
        });
    }

    /** Coarse timeouts one after the other. */
    private final class Tick extends CoarseTimeout {
        private final Runnable last;
        private int left;

        private Tick(int number, Runnable last) {
            this.left = number;
            this.last = last;
        }

        void begin() {
            start();
        }

        @Override
        protected void expired() {
            trail.add("tick");
            left--;
            if (left > 0) {
                start();
            } else {
                last.run();
            }
        }
    }
}

package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.internal.time.CoarseTimeout;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.webserver.CloseConnectionException;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The wait for a permit by itself: who is watched, who is interrupted, and what is left of it. */
class PermitWaitTest {
    private final Trail trail = new Trail();
    private final Limit onePermit = FixedLimit.builder().permits(1).queueLength(10).queueTimeout(Duration.ofMinutes(1)).build();

    @Test
    void limitThatNeverMakesAnybodyWaitIsNotWatched() {
        assertFalse(PermitWait.possible(FixedLimit.create()));
        assertFalse(PermitWait.possible(FixedLimit.builder().permits(1).build()));
        assertTrue(PermitWait.possible(onePermit));
    }

    @Test
    void permitThatIsThereAtOnceIsNotWatchedFor() {
        for (int i = 0; i < 20; i++) {
            LimitAlgorithm.Outcome outcome = PermitWait.acquire(onePermit::tryAcquireOutcome, client());
            assertInstanceOf(LimitAlgorithm.Outcome.Accepted.class, outcome).token().success();
        }
        awaitCoarseTimeout();
        // a busy machine may pause the thread for a millisecond in a few of them
        assertTrue(trail.events().stream().filter("watch"::equals).count() < 10, trail.events().toString());
    }

    @Test
    void permitThatIsLateIsWatchedForUntilItIsThere() throws InterruptedException {
        LimitAlgorithm.Token token = take();
        Thread waiter = Thread.startVirtualThread(() -> {
            assertInstanceOf(LimitAlgorithm.Outcome.Accepted.class, PermitWait.acquire(onePermit::tryAcquireOutcome, client()));
            trail.add("acquired");
        });
        trail.await("watch");
        token.success();
        waiter.join();
        assertEquals(List.of("watch", "unwatch", "acquired"), trail.events());
    }

    @Test
    void departureTurnsAwayAndLeavesNoInterrupt() {
        take();
        assertThrows(CloseConnectionException.class,
                     () -> PermitWait.acquire(onePermit::tryAcquireOutcome, client(Runnable::run)));
        assertFalse(Thread.interrupted());
        assertEquals(List.of("watch", "unwatch"), trail.events());
    }

    @Test
    void permitOfTheInstantOfTheDepartureIsKeptAndLeavesNoInterrupt() {
        Supplier<LimitAlgorithm.Outcome> grantsWhenInterrupted = () -> {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
            }
            return LimitAlgorithm.Outcome.immediateAcceptance("test", "test", null);
        };
        assertInstanceOf(LimitAlgorithm.Outcome.Accepted.class,
                         PermitWait.acquire(grantsWhenInterrupted, client(Runnable::run)));
        assertFalse(Thread.interrupted());
    }

    @Test
    void interruptOfTheServersIsLeftAlone() {
        Supplier<LimitAlgorithm.Outcome> isInterrupted = () -> {
            Thread.currentThread().interrupt();
            return LimitAlgorithm.Outcome.immediateRejection("test", "test");
        };
        PermitWait.acquire(isInterrupted, client());
        assertTrue(Thread.interrupted());
    }

    @Test
    void failureOfTheLimitEndsTheWatchToo() {
        Supplier<LimitAlgorithm.Outcome> fails = () -> {
            trail.await("watch");
            throw new IllegalStateException("broken");
        };
        assertThrows(IllegalStateException.class, () -> PermitWait.acquire(fails, client()));
        assertEquals(List.of("watch", "unwatch"), trail.events());
    }

    /** The client leaves, the permit comes and the tick passes at about the same time. */
    @Test
    void whateverComesFirstNoInterruptIsLeftAndNoPermitLost() throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            LimitAlgorithm.Token token = take();
            CountDownLatch granted = new CountDownLatch(1);
            Thread.startVirtualThread(() -> {
                pause();
                token.success();
                granted.countDown();
            });
            try {
                LimitAlgorithm.Outcome outcome = PermitWait.acquire(onePermit::tryAcquireOutcome, client(this::leaveSoon));
                ((LimitAlgorithm.Outcome.Accepted) outcome).token().success();
            } catch (CloseConnectionException e) {
                // the departure came first
            }
            assertFalse(Thread.interrupted(), "Interrupted in round " + i);
            granted.await();
            // not lost in this round
            take().success();
        }
    }

    private LimitAlgorithm.Token take() {
        return assertInstanceOf(LimitAlgorithm.Outcome.Accepted.class, onePermit.tryAcquireOutcome(false)).token();
    }

    private void leaveSoon(Runnable told) {
        Thread.startVirtualThread(() -> {
            pause();
            // possibly while the wait ends, or behind that
            told.run();
        });
    }

    private static void pause() {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(3_000_000));
    }

    private void awaitCoarseTimeout() {
        new CoarseTimeout() {
            {
                start();
            }

            @Override
            protected void expired() {
                trail.add("tick");
            }
        };
        trail.await("tick");
    }

    private PermitWait.Client client() {
        return client(told -> { });
    }

    private PermitWait.Client client(Consumer<Runnable> onWatch) {
        return new PermitWait.Client() {
            @Override
            public void watch(Runnable told) {
                trail.add("watch");
                onWatch.accept(told);
            }

            @Override
            public void unwatch() {
                trail.add("unwatch");
            }

            @Override
            public String peer() {
                return "test";
            }
        };
    }
}

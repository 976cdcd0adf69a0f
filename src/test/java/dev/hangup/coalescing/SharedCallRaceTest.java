package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.hangup.Deadline;
import dev.hangup.testing.Await;
import dev.hangup.testing.Repetitions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Two things that happen at the same time, time and again. Whichever comes first, all that follows agrees with it. */
class SharedCallRaceTest {
    private static final int ROUNDS = Repetitions.of(1_500, 5_000);
    private static final int SPINS = 50;
    private static final Deadline DEADLINE = Deadline.in(Duration.ofMinutes(10));

    @ParameterizedTest(name = "kept running for {0} us")
    @ValueSource(ints = {0, 20})
    void aNewOneComesWhileTheLastOneLeaves(int keepRunning) throws Exception {
        inPairs(() -> {
            Round round = new Round(keepRunning);
            SharedCall<String>.Waiter last = round.begin();
            return new Pair(last::close, () -> {
                Optional<SharedCall<String>.Waiter> waiter = round.call.join(DEADLINE);
                if (waiter.isPresent()) {
                    round.release.countDown();
                    assertEquals("result", waiter.get().await());
                    assertEquals("landed", soon(round.told));
                    assertEquals("returned", soon(round.ended));
                    waiter.get().close();
                    return false;
                }
                assertEquals("lost", soon(round.told));
                assertEquals("interrupted", soon(round.ended));
                return true;
            });
        });
    }

    @Test
    void theResultComesWhileTheLastOneLeaves() throws Exception {
        inPairs(() -> {
            Round round = new Round(0);
            SharedCall<String>.Waiter last = round.begin();
            return new Pair(round.release::countDown, () -> {
                last.close();
                Optional<SharedCall<String>.Waiter> next = round.call.join(DEADLINE);
                if (soon(round.told).equals("landed")) {
                    assertEquals("returned", soon(round.ended));
                    assertEquals("result", next.orElseThrow().await());
                    return true;
                }
                assertTrue(next.isEmpty());
                // whatever it has come to is nobody's
                soon(round.ended);
                return false;
            });
        });
    }

    private static void inPairs(Callable<Pair> rounds) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(2);
        int firsts = 0;
        // how much later the second step begins, or the first if negative, homes in on the instant at which either may be first
        int spins = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < ROUNDS; i++) {
                Pair pair = rounds.call();
                int delay = spins;
                Future<?> one = threads.submit(() -> {
                    barrier.await();
                    spin(-delay);
                    pair.one.run();
                    return null;
                });
                Future<Boolean> other = threads.submit(() -> {
                    barrier.await();
                    spin(delay);
                    return pair.other.run();
                });
                one.get();
                boolean first = other.get();
                firsts += first ? 1 : 0;
                spins += first ? -SPINS : SPINS;
            }
        }
        // else this test has shown one side of the race
        assertTrue(firsts > 0 && firsts < ROUNDS, "The first step was first in " + firsts + " rounds of " + ROUNDS);
    }

    private static String soon(CompletableFuture<String> word) throws Exception {
        return word.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    /** Two steps that are taken at the same time. */
    private record Pair(Runnable one, Other other) {
    }

    /** The second step; returns whether the effect of the first one came before its own. */
    private interface Other {
        boolean run() throws Exception;
    }

    private static final class Round {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);
        private final CompletableFuture<String> ended = new CompletableFuture<>();
        private final CompletableFuture<String> told = new CompletableFuture<>();
        private final SharedCall<String> call;

        private Round(int keepRunningMicros) {
            call = new SharedCall<>("race", new KeptCalls(Duration.ofNanos(keepRunningMicros * 1000L), 16), this::compute,
                                    result -> told.complete("landed"), ended -> told.complete("lost"));
        }

        /** With one who waits, and a computation that goes on. */
        private SharedCall<String>.Waiter begin() throws InterruptedException {
            SharedCall<String>.Waiter waiter = call.join(DEADLINE).orElseThrow();
            assertTrue(begun.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
            return waiter;
        }

        private String compute() throws InterruptedException {
            begun.countDown();
            try {
                release.await();
                ended.complete("returned");
                return "result";
            } catch (InterruptedException e) {
                ended.complete("interrupted");
                throw e;
            }
        }
    }
}

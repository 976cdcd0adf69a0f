package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import dev.hangup.Deadline;
import dev.hangup.testing.Await;
import dev.hangup.testing.DelayedInterrupt;
import dev.hangup.testing.Repetitions;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Many who ask for few things and leave when they like. Who stays gets an answer to what was asked; a computation is begun
 * for each who found none, unless they have left by then, and for nobody else; each either ends for somebody or is
 * interrupted; nothing is left behind.
 */
class SharedCallsStressTest {
    private static final int ASKING = Repetitions.of(10_000, 100_000);
    private static final int AT_A_TIME = 64;
    private static final List<String> KEYS = List.of("a", "b", "c");
    private static final long SEED = Long.getLong("hangup.seed", ThreadLocalRandom.current().nextLong());

    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong returned = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong interrupted = new AtomicLong();
    private final AtomicLong firsts = new AtomicLong();
    private final AtomicLong firstsTold = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();

    @ParameterizedTest(name = "kept running for {0} us, cached for {1} us")
    @CsvSource({"0, 0", "200, 0", "0, 300", "200, 300"})
    void everyoneWhoStaysIsAnsweredAndNothingIsLeft(int keepRunning, int remember) throws Exception {
        System.out.println("Seed " + SEED);
        KeptCalls kept = new KeptCalls(micros(keepRunning), 2);
        SharedCalls<String, String> calls = new SharedCalls<>(this::compute, kept,
                                                              remember == 0 ? Optional.empty()
                                                                      : Optional.of(new ResultCache<>(micros(remember), 2, result -> 1)));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> done = IntStream.range(0, AT_A_TIME)
                    .<Future<?>>mapToObj(client -> clients.submit(() -> {
                        Random random = new Random(SEED + client);
                        for (int i = 0; i < ASKING / AT_A_TIME; i++) {
                            ask(calls, random);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> client : done) {
                client.get();
            }
        }
        Await.until("all computations have ended", () -> begun.get() == returned.get() + failed.get() + interrupted.get());
        Await.until("nothing is running", () -> calls.running() == 0);
        assertEquals(0, kept.size());
        // one that was abandoned at once is not begun any more
        assertTrue(begun.get() <= firsts.get() && begun.get() >= firstsTold.get(),
                   begun + " were begun for " + firsts + ", of whom " + firstsTold + " were told");
        assertTrue(answered.get() > ASKING / 4, answered + " were answered");
        assertTrue(returned.get() > 0 && failed.get() > 0, returned + " returned, " + failed + " failed");
    }

    private void ask(SharedCalls<String, String> calls, Random random) throws Exception {
        String key = KEYS.get(random.nextInt(KEYS.size()));
        boolean leaves = random.nextInt(3) > 0;
        DelayedInterrupt interrupt = leaves ? DelayedInterrupt.after(random.nextInt(20_000)) : null;
        try {
            switch (calls.find(key, Deadline.in(Duration.ofMinutes(1)))) {
            case SharedCalls.Cached<String>(ResultCache.Result<String> result) ->
                    assertEquals("the answer to " + key, result.value());
            case SharedCalls.Joined<String>(SharedCall<String>.Waiter waiter) -> {
                try (waiter) {
                    firsts.addAndGet(waiter.first ? 1 : 0);
                    assertEquals("the answer to " + key, told(waiter));
                }
            }
            }
            answered.incrementAndGet();
        } catch (InterruptedException e) {
            assertTrue(leaves);
        } catch (ExecutionException e) {
            assertEquals("no answer to " + key, e.getCause().getMessage());
        } finally {
            if (interrupt != null) {
                interrupt.end();
            }
        }
    }

    private String told(SharedCall<String>.Waiter waiter) throws InterruptedException, ExecutionException {
        try {
            String value = waiter.await();
            firstsTold.addAndGet(waiter.first ? 1 : 0);
            return value;
        } catch (ExecutionException e) {
            firstsTold.addAndGet(waiter.first ? 1 : 0);
            throw e;
        }
    }

    private String compute(String key) throws InterruptedException {
        long number = begun.incrementAndGet();
        try {
            TimeUnit.NANOSECONDS.sleep(number * 7919 % 200_000);
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
        }
        if (number % 10 == 0) {
            failed.incrementAndGet();
            throw new IllegalStateException("no answer to " + key);
        }
        returned.incrementAndGet();
        return "the answer to " + key;
    }

    private static Duration micros(int micros) {
        return Duration.ofNanos(micros * 1000L);
    }
}

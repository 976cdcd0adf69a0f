package dev.hangup.cpu;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.hangup.testing.DelayedInterrupt;
import dev.hangup.testing.Repetitions;

import io.helidon.http.HttpException;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Computations that end in all ways, for callers that are interrupted anywhere. */
class CpuBoundStressTest {
    private static final int PARALLELISM = 2;
    private static final int CALLERS = 12;
    private static final int CALLS = Repetitions.of(150, 400);
    private static final int MAX_NANOS = 100_000;
    private static final long SEED = Long.getLong("hangup.seed", ThreadLocalRandom.current().nextLong());

    private final CpuBound cpu = CpuBound.builder().parallelism(PARALLELISM).queue(CALLERS - PARALLELISM - 1).build();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger values = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger stopped = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    @Test
    void permitsComeBackAndAreNeverExceeded() throws Exception {
        System.out.println("Seed " + SEED);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> done = IntStream.range(0, CALLERS)
                    .<Future<?>>mapToObj(caller -> callers.submit(() -> {
                        Random random = new Random(SEED + caller);
                        for (int i = 0; i < CALLS; i++) {
                            call(random, i);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> caller : done) {
                caller.get();
            }
        }
        assertEquals(0, cpu.running());
        assertEquals(0, cpu.waiting());
        String counts = values + " values, " + failures + " failures, " + stopped + " stopped, " + refused + " refused";
        assertEquals(CALLERS * CALLS, values.get() + failures.get() + stopped.get() + refused.get(), counts);
        assertTrue(values.get() > 0 && failures.get() > 0 && stopped.get() > 0 && refused.get() > 0, counts);
    }

    private void call(Random random, int expected) throws Exception {
        int delay = random.nextInt(2 * MAX_NANOS);
        DelayedInterrupt interrupt = random.nextBoolean() ? null : DelayedInterrupt.after(delay);
        Callable<Integer> computation = computation(random, expected);
        try {
            assertEquals(expected, cpu.call(computation));
            values.incrementAndGet();
        } catch (InterruptedException e) {
            assertTrue(interrupt != null, "interrupted by nobody");
            stopped.incrementAndGet();
        } catch (HttpException e) {
            refused.incrementAndGet();
        } catch (IOException | StackOverflowError e) {
            failures.incrementAndGet();
        } finally {
            if (interrupt != null) {
                interrupt.end();
            }
        }
    }

    private Callable<Integer> computation(Random random, int result) {
        int nanos = random.nextInt(MAX_NANOS);
        int way = random.nextInt(5);
        return () -> {
            int count = inside.incrementAndGet();
            try {
                assertTrue(count <= PARALLELISM, count + " at a time");
                boolean unresponsive = way == 0;
                if (spin(nanos, !unresponsive)) {
                    throw new InterruptedException();
                }
                return switch (way) {
                case 1 -> throw new IOException("its own");
                case 2 -> throw new StackOverflowError("its own");
                case 3 -> cpu.call(() -> result);
                default -> result;
                };
            } finally {
                inside.decrementAndGet();
            }
        };
    }

    /** Whether it was interrupted, and looked. */
    private static boolean spin(int nanos, boolean looks) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            if (looks && Thread.interrupted()) {
                return true;
            }
        }
        return false;
    }
}

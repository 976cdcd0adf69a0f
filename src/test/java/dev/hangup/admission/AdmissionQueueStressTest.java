package dev.hangup.admission;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.hangup.testing.DelayedInterrupt;

import io.helidon.http.HttpException;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Many who want to be let in and are interrupted anywhere: never too many at a time, and every permit comes back. */
class AdmissionQueueStressTest {
    private static final int AT_ONCE = 3;
    private static final int QUEUE = 10;
    private static final int CLIENTS = 32;
    private static final int ROUNDS = 2000;
    private static final long SEED = Long.getLong("hangup.seed", ThreadLocalRandom.current().nextLong());

    private final AdmissionQueue admission = new AdmissionQueue("work", AT_ONCE, QUEUE, Duration.ofSeconds(1));
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger interrupted = new AtomicInteger();

    @Test
    void permitsComeBackAndAreNeverExceeded() throws Exception {
        System.out.println("Seed " + SEED);
        try (ExecutorService clients = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<?>> done = IntStream.range(0, CLIENTS)
                    .<Future<?>>mapToObj(client -> clients.submit(() -> {
                        Random random = new Random(SEED + client);
                        for (int i = 0; i < ROUNDS; i++) {
                            visit(random);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> client : done) {
                client.get();
            }
        }
        assertEquals(0, admission.running());
        assertEquals(0, admission.waiting());
        assertEquals(CLIENTS * ROUNDS, served.get() + refused.get() + interrupted.get());
        assertTrue(served.get() > 0 && refused.get() > 0 && interrupted.get() > 0,
                   served + " served, " + refused + " refused, " + interrupted + " interrupted");
    }

    @Test
    void nobodyIsRefusedWhoIsNotOneTooMany() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> done = IntStream.range(0, AT_ONCE + QUEUE)
                    .<Future<?>>mapToObj(client -> clients.submit(() -> {
                        for (int i = 0; i < ROUNDS; i++) {
                            admission.enter().close();
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> client : done) {
                client.get();
            }
        }
    }

    private void visit(Random random) {
        DelayedInterrupt interrupt = random.nextInt(4) == 0 ? DelayedInterrupt.after(0) : null;
        try (AdmissionQueue.Permit permit = admission.enter()) {
            int count = inside.incrementAndGet();
            assertTrue(count <= AT_ONCE, count + " at a time");
            DelayedInterrupt.spin(random.nextInt(20_000));
            inside.decrementAndGet();
            // twice is once
            permit.close();
            served.incrementAndGet();
        } catch (HttpException e) {
            refused.incrementAndGet();
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
        } finally {
            if (interrupt != null) {
                interrupt.end();
            }
        }
    }
}

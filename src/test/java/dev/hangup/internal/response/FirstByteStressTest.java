package dev.hangup.internal.response;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.testing.DelayedInterrupt;
import dev.hangup.testing.Repetitions;

import io.helidon.http.Status;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** The work's first byte against the decision that it has lost, both at once: exactly one has the answer. */
class FirstByteStressTest {
    private static final int TIMES = Repetitions.of(10_000, 100_000);

    @Test
    void eitherTheWorkOrTheDecisionHasTheAnswer() throws InterruptedException {
        AtomicReference<ResponseOwnership> current = new AtomicReference<>();
        boolean[] took = new boolean[1];
        CyclicBarrier barrier = new CyclicBarrier(2);
        Thread work = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < TIMES; i++) {
                meet(barrier);
                took[0] = current.get().acquire();
                meet(barrier);
            }
        });
        int both = 0;
        int neither = 0;
        int byWork = 0;
        for (int i = 0; i < TIMES; i++) {
            ResponseOwnership ownership = new ResponseOwnership();
            current.set(ownership);
            meet(barrier);
            // whoever comes last to the barrier goes on first
            DelayedInterrupt.spin(i % 100 * 1000);
            boolean due = ownership.revoke(Status.SERVICE_UNAVAILABLE_503);
            meet(barrier);
            both += due && took[0] ? 1 : 0;
            neither += !due && !took[0] ? 1 : 0;
            byWork += took[0] ? 1 : 0;
            if (ownership.attached() || ownership.acquire()) {
                neither++;
            }
        }
        work.join();
        String seen = both + " times both, " + neither + " times neither or too late; the work had " + byWork;
        assertTrue(both + neither == 0 && byWork > 0 && byWork < TIMES, seen);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

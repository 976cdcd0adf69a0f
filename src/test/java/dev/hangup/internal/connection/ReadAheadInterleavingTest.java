package dev.hangup.internal.connection;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import dev.hangup.testing.Await;
import dev.hangup.testing.Repetitions;

import io.helidon.webserver.CloseConnectionException;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Explores how client, reader, connection and decider of a {@link ReadAhead} may interleave: each round runs a random
 * script on each of them, the client's with random pauses. Each failure names the seed of its round, and
 * {@code -Dhangup.seed} repeats from it.
 */
class ReadAheadInterleavingTest {
    private static final int ROUNDS = Repetitions.of(4_000, 20_000);

    @Test
    void losesNothingAndNotifiesOnce() throws InterruptedException {
        long seed = Long.getLong("hangup.seed", System.nanoTime());
        for (int i = 0; i < ROUNDS; i++) {
            Round round = new Round(seed + i);
            FutureTask<Void> run = new FutureTask<>(round::run, null);
            Thread thread = Thread.startVirtualThread(run);
            try {
                run.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new AssertionError("-Dhangup.seed=" + (seed + i) + ": " + e.getCause(), e.getCause());
            } catch (TimeoutException e) {
                throw new AssertionError("-Dhangup.seed=" + (seed + i) + " hangs: " + round + " at "
                                                 + Arrays.toString(thread.getStackTrace()), e);
            }
        }
    }

    /** One connection's life: requests that are watched or not, of which the body is read, in part or not at all. */
    private static final class Round {
        private final Random random;
        private final ReadAheadBounds bounds;
        private final Client client;
        private final ReadAhead reading;
        private final AtomicInteger told = new AtomicInteger();
        private int received;
        private boolean ended;

        private Round(long seed) {
            random = new Random(seed);
            bounds = new ReadAheadBounds(1 + random.nextInt(100), 1 + random.nextInt(200), 1 + random.nextInt(400),
                                         1 + random.nextInt(400));
            client = new Client(random.nextLong(), random.nextInt(60));
            reading = new ReadAhead(client, bounds.share("client"), "reader");
        }

        private void run() {
            boolean refused = false;
            while (!ended && !refused) {
                if (random.nextInt(4) == 0) {
                    receive();
                } else {
                    refused = request();
                }
            }
            if (!refused) {
                assertEquals(client.length, received, "bytes");
            }
            reading.close();
            assertEquals(0, bounds.held(), "bytes held");
        }

        /** A request that is watched; tells whether its work lost. */
        private boolean request() {
            int before = told.get();
            boolean endedBefore = ended;
            AtomicInteger toldNow = new AtomicInteger();
            reading.guard(toldNow::incrementAndGet);
            if (random.nextBoolean()) {
                reading.watch();
            }
            for (int i = random.nextInt(4); i > 0 && !ended; i--) {
                receive();
            }
            pause(random);
            if (random.nextInt(20) == 0) {
                Thread decider = Thread.startVirtualThread(reading::refuse);
                try {
                    receive();
                } catch (CloseConnectionException e) {
                    // as it must
                }
                join(decider);
                assertEquals(0, bounds.held(), "bytes held by who is refused");
                return true;
            }
            reading.unwatch();
            assertTrue(toldNow.get() <= 1, "told once");
            assertTrue(!ended || endedBefore || toldNow.get() == 1, "told before it was found");
            told.set(before + toldNow.get());
            return false;
        }

        private void receive() {
            byte[] bytes = reading.get();
            if (bytes == null) {
                ended = true;
                return;
            }
            for (byte next : bytes) {
                assertEquals((byte) received++, next, "in order");
            }
        }

        @Override
        public String toString() {
            return "received " + received + " of " + client.length + ", told " + told;
        }
    }

    /** A client that counts, in pieces, and then leaves. */
    private static final class Client implements Supplier<byte[]> {
        private final Random random;
        private final int length;
        private final AtomicInteger readers = new AtomicInteger();
        private int sent;

        private Client(long seed, int length) {
            this.random = new Random(seed);
            this.length = length;
        }

        @Override
        public byte[] get() {
            if (readers.incrementAndGet() > 1) {
                throw new AssertionError("Two readers");
            }
            try {
                pause(random);
                if (sent == length) {
                    return null;
                }
                byte[] piece = new byte[1 + random.nextInt(Math.min(8, length - sent))];
                for (int i = 0; i < piece.length; i++) {
                    piece[i] = (byte) sent++;
                }
                return piece;
            } finally {
                readers.decrementAndGet();
            }
        }
    }

    private static void pause(Random random) {
        switch (random.nextInt(6)) {
        case 0 -> LockSupport.parkNanos(random.nextInt(20_000));
        case 1, 2 -> Thread.yield();
        default -> { }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.hangup.proof;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import java.util.regex.Pattern;

import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Connections made up at random: pipelined requests with bodies, cut into segments at every odd place, work that reads
 * them or not and ends sooner or later, and clients that leave anywhere. Each answered byte is compared with what it
 * has to be; the work of each client that has left must have been stopped; threads and permits must be back at the end.
 * <p>
 * A failure names the seed of its connection: {@code -Dhangup.seed=N} plays that one over and over again.
 * {@code -Dhangup.connections=N} plays so many of each setup, instead of few.
 */
class RandomConnectionsTest {
    private static final int AT_A_TIME = 32;
    private static final int CONNECTIONS = Repetitions.of("hangup.connections", 30, 80);
    /** What Helidon says, with Hangup and without, of clients that leave in the middle of their headers or their answer. */
    private static final Pattern USUAL = Pattern.compile("Internal server error|.* unexpected exception"
            + "|.* cannot send error response, as response already sent");
    private static final List<Logger> LOGGERS = List.of(Logger.getLogger("io.helidon"), Logger.getLogger("dev.hangup"));
    private static final AtomicLong IDS = new AtomicLong();

    /** How many connections later the work of one that is over is looked at last: its server may be late to begin it. */
    private static final int LATER = 1_000;

    private final PlannedWork work = new PlannedWork();
    private final Queue<ScriptedClient> played = new ConcurrentLinkedQueue<>();

    private final List<Boolean> loudBefore = LOGGERS.stream().map(Logger::getUseParentHandlers).toList();

    @BeforeEach
    void quiet() {
        LOGGERS.forEach(it -> it.setUseParentHandlers(false));
    }

    @AfterEach
    void restore() {
        for (int i = 0; i < LOGGERS.size(); i++) {
            LOGGERS.get(i).setUseParentHandlers(loudBefore.get(i));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void everyByteIsRightAndNoWorkOutlivesItsClient(Setup setup) throws Exception {
        Long only = Long.getLong("hangup.seed");
        long seed = only == null ? System.nanoTime() : only;
        Semaphore permits = new Semaphore(Setup.PERMITS);
        AtomicLong next = new AtomicLong();
        Tally tally = new Tally();
        try (Logged trouble = Logged.trouble("io.helidon");
                Logged mistakes = Logged.trouble("dev.hangup");
                TestServer server = setup.start(work, permits);
                ExecutorService clients = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                running.add(clients.submit(() -> {
                    for (long n = next.getAndIncrement(); n < CONNECTIONS; n = next.getAndIncrement()) {
                        play(server, only == null ? new SplittableRandom(seed + n).nextLong() : only, tally);
                    }
                    return null;
                }));
            }
            try {
                for (Future<?> client : running) {
                    client.get();
                }
            } finally {
                next.set(CONNECTIONS);
            }
            Await.until("all connections are gone", () -> Usage.connectionThreads() == 0);
            assertEquals(Setup.PERMITS, permits.availablePermits());
            judge(0, tally);
            assertEquals(List.of(), work.strangers(), "requests that nobody has sent");
            assertEquals(List.of(), trouble.trail().events().stream()
                    .filter(it -> !USUAL.matcher(it).matches())
                    .limit(3)
                    .toList());
            assertEquals(List.of(), mistakes.trail().events());
        } finally {
            System.out.println(setup + ": " + tally);
        }
    }

    private void play(TestServer server, long seed, Tally tally) {
        Script script = Script.random(seed, IDS.getAndAdd(100));
        script.requests().forEach(work::expect);
        ScriptedClient client = new ScriptedClient(script, server.connect());
        try {
            client.play();
        } catch (Throwable e) {
            throw new AssertionError("-Dhangup.seed=" + seed + ": " + e.getMessage() + "\n" + script, e);
        }
        played.add(client);
        judge(LATER, tally);
    }

    private void judge(int unless, Tally tally) {
        while (played.size() > unless) {
            ScriptedClient client = played.poll();
            if (client != null) {
                client.judge();
                tally.add(client);
                client.script().requests().forEach(work::forget);
            }
        }
    }
}

package dev.hangup.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;

import dev.hangup.testing.Await;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Many relayed calls, of which some are aborted at any moment: the others never notice. */
class RelayStressTest {
    private static final long SEED = Long.getLong("hangup.seed", 4);
    private static final int CALLS = Repetitions.of(600, 3_000);
    private static final int AT_ONCE = 8;

    private final AtomicInteger answered = new AtomicInteger();
    /** The aborted calls would be thousands of lines. */
    private final Quiet quiet = Quiet.below(Level.OFF, "dev.hangup");

    @AfterEach
    void endQuiet() {
        quiet.close();
    }

    @Test
    void eachAnswerIsItsOwnAndNothingIsLeft() throws Exception {
        try (Target target = Target.doing(RelayStressTest::answer)) {
            WebServer server = Demo.server(Config.just(ConfigSources.create(
                    Map.of("server.host", "localhost", "relay.url", target.url(),
                           "server.features.hangup.watch", String.valueOf(Await.WATCHED))))).start();
            try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
                List<Future<?>> calls = new ArrayList<>();
                for (int i = 0; i < CALLS; i++) {
                    int id = i;
                    calls.add(clients.submit(() -> call(server, id)));
                }
                for (Future<?> call : calls) {
                    call.get();
                }
                // idle ones, of which there are no more than there were calls at once, or as many that were being aborted
                Await.until("aborted calls have closed theirs", () -> target.open() <= 2 * AT_ONCE);
            } finally {
                server.stop();
            }
            assertTrue(answered.get() > CALLS / 3, answered + " answers");
            assertTrue(target.connections() < CALLS * 3 / 4, target.connections() + " connections for " + CALLS + " calls");
            Await.until("the relay's connections are closed", () -> target.open() == 0);
        }
    }

    private void call(WebServer server, int id) {
        Random random = new Random(SEED * CALLS + id);
        boolean aborted = random.nextInt(3) == 0;
        try (RawClient client = RawClient.connect(server.port()).get("/with-context/relay?id=" + id)) {
            if (!aborted) {
                RawClient.Response response = client.read();
                assertEquals(200, response.status(), "call " + id + " with seed " + SEED + ": " + response.text());
                assertEquals(body(id), response.text(), "call " + id + " with seed " + SEED);
                answered.incrementAndGet();
                return;
            }
            pause(random);
            if (random.nextBoolean()) {
                client.reset();
            }
        }
    }

    private static Target.End answer(String head, Socket socket) throws IOException {
        int id = Integer.parseInt(head.substring(head.indexOf("?id=") + 4, head.indexOf(" HTTP/1.1")));
        Random random = new Random(-id);
        pause(random);
        String body = body(id);
        if (random.nextBoolean()) {
            Target.say(socket, Target.answer("200 OK", "").replace("Length: 0", "Length: " + body.length()));
            inPieces(random, body, piece -> Target.say(socket, piece));
        } else {
            Target.say(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            inPieces(random, body, piece -> Target.say(socket, Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n"));
            Target.say(socket, "0\r\n\r\n");
        }
        return random.nextInt(10) == 0 ? Target.End.CLOSE : Target.End.NONE;
    }

    private static void inPieces(Random random, String body, Saying saying) throws IOException {
        int at = 0;
        while (at < body.length()) {
            int end = Math.min(body.length(), at + 1 + random.nextInt(body.length()));
            saying.say(body.substring(at, end));
            pause(random);
            at = end;
        }
    }

    private static String body(int id) {
        return ("(" + id + ")").repeat(new Random(id).nextInt(5000));
    }

    private static void pause(Random random) {
        try {
            TimeUnit.MICROSECONDS.sleep(random.nextInt(4000));
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @FunctionalInterface
    private interface Saying {
        void say(String piece) throws IOException;
    }
}

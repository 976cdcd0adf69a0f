package dev.hangup.internal.connection;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Connections that came and went while the total of the read-ahead was used up leave nothing behind. Each left 17.8 KB
 * as long as the total stayed used up, and a server of 64 MiB died after some 2,500 of them.
 */
class WaitingConnectionsTest {
    private static final int CONNECTIONS = Repetitions.of(3_000, 6_000);
    private static final int AT_A_TIME = 32;
    private static final int FILLERS = 16;
    private static final byte[] BODY = new byte[4 * 1024 * 1024];
    /**
     * With a part of its body: more than a connection is guaranteed, and than what it reads at once. It is sent in one write, which
     * the sockets' buffers take whatever the server does.
     */
    private static final String REQUEST = "POST /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 20\r\n"
            + "Content-Length: 100000\r\n\r\n" + "x".repeat(ReadAheadBounds.GUARANTEED + 16 * 1024);

    private final List<RawClient> fillers = new ArrayList<>();

    @Test
    void thatHaveGoneLeaveNothingBehindWhileTheTotalIsUsedUp() throws Exception {
        try (FloodedServer server = FloodedServer.start(); ExecutorService clients = Executors.newFixedThreadPool(AT_A_TIME)) {
            fillTotal(server);
            int begun = server.health().begun();
            List<Future<?>> gone = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                gone.add(clients.submit(() -> comeAndGo(server)));
            }
            try {
                for (Future<?> one : gone) {
                    one.get();
                }
            } catch (ExecutionException e) {
                // or the others would have to fail, too, before anybody learns of it
                clients.shutdownNow();
                throw e;
            }
            int came = server.health().begun() - begun;
            assertTrue(came > CONNECTIONS / 10, "The work of only " + came + " has begun");
            Await.until("only the fillers are at work, and hold something", () -> {
                FloodedServer.Health health = server.health();
                return health.working() == FILLERS && health.held() <= health.total() + FILLERS * FloodedServer.EACH;
            });
            assertTrue(server.health().held() >= server.health().total(), "the total has been used up all the time");
            fillers.forEach(RawClient::close);
        }
    }

    private void fillTotal(FloodedServer server) {
        for (int i = 0; i < FILLERS; i++) {
            RawClient filler = server.connect("127.0.0." + (2 + i));
            fillers.add(filler);
            filler.send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
            // what the server does not take stays in the sockets' buffers
            Thread.startVirtualThread(() -> {
                try {
                    filler.send(BODY);
                } catch (RuntimeException e) {
                    // closed at the test's end
                }
            });
        }
        Await.until("the total is used up", () -> server.health().held() >= server.health().total());
    }

    private static void comeAndGo(FloodedServer server) {
        try (RawClient client = server.connect("127.0.0.100")) {
            client.send(REQUEST);
            try {
                client.readToEnd();
            } catch (UncheckedIOException e) {
                // reset, since some of what it sent came when the server did not linger any more
                if (e.getCause() instanceof SocketTimeoutException) {
                    throw e;
                }
            }
        }
    }
}

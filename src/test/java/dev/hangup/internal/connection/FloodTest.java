package dev.hangup.internal.connection;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that send and send what nobody reads do not run a small server out of memory. */
class FloodTest {
    private static final int CLIENTS = 200;
    /** So many that all addresses together may use up the total. */
    private static final int ADDRESSES = 8;
    private static final long GREED = 1_000_000_000_000L;
    private static final byte[] BYTES = new byte[64 * 1024];
    private static final byte[] CHUNKS = ("400\r\n" + "x".repeat(1024) + "\r\n").repeat(64).getBytes(StandardCharsets.US_ASCII);

    private final List<RawClient> clients = new ArrayList<>();
    private final AtomicLong accepted = new AtomicLong();

    @Test
    void holdsWhatItMayAnswersOthersAndGivesAllBack() throws Exception {
        try (FloodedServer server = FloodedServer.start()) {
            for (int i = 0; i < CLIENTS; i++) {
                flood(server.connect("127.0.0." + (2 + i % ADDRESSES)), i);
            }
            Await.untilBegun("all are at work, and all room is taken", () -> {
                FloodedServer.Health health = server.health();
                return health.working() == CLIENTS && health.held() >= health.total();
            });
            for (int i = 0; i < 100; i++) {
                FloodedServer.Health health = server.health();
                assertTrue(health.held() <= health.total() + CLIENTS * FloodedServer.EACH, health::toString);
            }
            System.out.printf("%d clients sent %d MiB, %s%n", CLIENTS, accepted.get() / 1024 / 1024, server.health());
            // the others send on until they are cut off
            clients.subList(0, CLIENTS / 2).forEach(RawClient::reset);
            Await.untilBegun("all work has ended, and all room was given back", () -> {
                // a deadline could have passed before all were at work; repeated, since only work that is watched is cancelled
                server.cancelAll();
                FloodedServer.Health health = server.health();
                return health.working() == 0 && health.held() == 0;
            });
            Await.until("the connections' threads are gone", () -> server.threads() == 0);
        }
    }

    private void flood(RawClient client, int number) {
        clients.add(client);
        client.send("POST /work HTTP/1.1\r\nHost: localhost\r\n"
                            + (number % 2 == 0 ? "Content-Length: " + GREED : "Transfer-Encoding: chunked") + "\r\n\r\n");
        byte[] some = number % 2 == 0 ? BYTES : CHUNKS;
        Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    client.send(some);
                    accepted.addAndGet(some.length);
                }
            } catch (RuntimeException e) {
                // the server has ended it
            }
        });
    }
}

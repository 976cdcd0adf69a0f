package dev.hangup;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Ordinary downloads whose clients leave as soon as they have the last byte: none of them counts as a disconnect. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DownloadStressTest {
    private static final int CLIENTS = 4;
    private static final int DOWNLOADS = Repetitions.of(30, 500);
    private static final List<String> KINDS = List.of("pieces", "transfer", "send", "slow-close");

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "CLEAR_QUEUED", "TLS_1_3"})
    void overHttp1(Transport transport) throws Exception {
        try (TestServer server = TestServer.start(transport, DownloadStressTest::routing)) {
            allComplete(server, random -> {
                int size = 1 + random.nextInt(200_000);
                try (RawClient client = server.connect()) {
                    client.get("/" + kind(random) + "?size=" + size);
                    assertEquals(size, client.read().body().length);
                    if (random.nextBoolean()) {
                        client.reset();
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PRIOR_KNOWLEDGE", "ALPN"})
    void overHttp2(Http2Opening opening) throws Exception {
        try (TestServer server = TestServer.start(it -> {
            opening.configure(it);
            it.addProtocol(Http2Config.builder().maxRapidResets(-1).build());
        }, hangup -> { }, DownloadStressTest::routing)) {
            allComplete(server, random -> {
                int size = 1 + random.nextInt(60_000);
                try (Http2Client client = opening.connect(server.port())) {
                    int id = client.get("/" + kind(random) + "?size=" + size);
                    client.awaitBytes(id, size);
                    if (random.nextBoolean()) {
                        client.send(Http2Client.reset(id));
                        client.ping();
                    }
                }
            });
        }
    }

    private static void allComplete(TestServer server, Download download) throws Exception {
        try (Logged trouble = Logged.trouble(""); ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(i);
                running.add(clients.submit(() -> {
                    for (int j = 0; j < DOWNLOADS; j++) {
                        download.run(random);
                    }
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
            Await.until("all downloads have ended", () -> server.endsLeft() == CLIENTS * DOWNLOADS);
            Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
            while (server.endsLeft() > 0) {
                outcomes.merge(server.nextEnd().outcome(), 1, Integer::sum);
            }
            assertEquals(Map.of(Outcome.COMPLETED, CLIENTS * DOWNLOADS), outcomes);
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    private static String kind(Random random) {
        return KINDS.get(random.nextInt(KINDS.size()));
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.get("/pieces", Hangup.cancellable((request, response) -> {
            byte[] content = content(request.query().get("size"));
            response.contentLength(content.length);
            try (OutputStream stream = response.outputStream()) {
                for (int at = 0; at < content.length; at += 10_000) {
                    stream.write(content, at, Math.min(10_000, content.length - at));
                }
            }
        })).get("/transfer", Hangup.cancellable((request, response) -> {
            byte[] content = content(request.query().get("size"));
            response.contentLength(content.length);
            try (OutputStream stream = response.outputStream()) {
                new ByteArrayInputStream(content).transferTo(stream);
            }
        })).get("/send", Hangup.cancellable((request, response) -> response.send(content(request.query().get("size")))))
                .get("/slow-close", Hangup.cancellable((request, response) -> {
            byte[] content = content(request.query().get("size"));
            response.contentLength(content.length);
            try (OutputStream stream = response.outputStream()) {
                stream.write(content);
                stream.flush();
                Thread.sleep(5);
            }
        }));
    }

    private static byte[] content(String size) {
        return new byte[Integer.parseInt(size)];
    }

    /** One download. */
    private interface Download {
        void run(Random random);
    }
}

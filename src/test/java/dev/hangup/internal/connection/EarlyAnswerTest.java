package dev.hangup.internal.connection;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.TestServer;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Clients that others have written read what a server answers in the middle of their upload: status, {@code Retry-After} and
 * body. Those that are not installed are skipped.
 */
class EarlyAnswerTest {
    @AfterAll
    static void end() throws IOException {
        UploadingClient.end();
    }

    @ParameterizedTest(name = "{0} reads {1}, HTTP/2 {2}, TLS {3}")
    @MethodSource
    void readsTheAnswer(UploadingClient client, Early early, boolean http2, boolean secure) throws Exception {
        Optional<String> missing = client.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "Not run: " + missing.orElse(""));
        Http2Opening opening = secure ? Http2Opening.ALPN : Http2Opening.PRIOR_KNOWLEDGE;
        try (Quiet quiet = Quiet.below(Level.OFF, "dev.hangup");
                TestServer server = TestServer.start(builder -> {
                    opening.configure(builder);
                    early.configure(builder);
                }, hangup -> { }, EarlyAnswerTest::routing)) {
            URI target = URI.create((secure ? "https" : "http") + "://localhost:" + server.port() + early.path);
            UploadingClient.Answer answer = client.upload(target, http2);
            assertEquals(http2 ? "HTTP/2" : "HTTP/1.1", answer.protocol());
            assertEquals(early.status, answer.status());
            assertEquals(early.retryAfter, answer.retryAfter());
            assertTrue(answer.body().contains(early.body), () -> "the body is " + answer.body());
        }
    }

    static Stream<Arguments> readsTheAnswer() {
        Stream.Builder<Arguments> all = Stream.builder();
        for (UploadingClient client : UploadingClient.values()) {
            for (int i = 0; i < 4; i++) {
                boolean http2 = i < 2;
                boolean secure = i % 2 == 1;
                if (client.speaks(http2, secure)) {
                    // Helidon closes an HTTP/1.1 connection without the rest of a refused upload: Chromium loses the answer
                    Stream.of(Early.values())
                            .filter(it -> http2 || client != UploadingClient.CHROMIUM || it != Early.CONCURRENCY_LIMIT)
                            .forEach(early -> all.add(Arguments.of(client, early, http2, secure)));
                }
            }
        }
        return all.build();
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.any("/work", Hangup.cancellable(request -> {
                    TimeUnit.MINUTES.sleep(1);
                    return "never";
                }))
                .any("/read", Hangup.cancellable((request, response) -> response.send(request.content().as(byte[].class))))
                .any("/busy", (request, response) -> response.status(503).header("Retry-After", "7").send("busy"))
                .get("/next", (request, response) -> response.send("next"));
    }

    /** Why an answer is early. */
    enum Early {
        DEADLINE("/work", 503, "1", "deadline"),
        CONCURRENCY_LIMIT("/read", 503, "", "") {
            @Override
            void configure(WebServerConfig.Builder server) {
                FixedLimit limit = FixedLimit.builder().permits(1).build();
                limit.tryAcquireOutcome();
                server.concurrencyLimit(limit);
            }
        },
        MAX_PAYLOAD("/read", 413, "", "") {
            @Override
            void configure(WebServerConfig.Builder server) {
                server.maxPayloadSize(32 * 1024);
            }
        },
        HANDLER_THAT_DOES_NOT_READ("/busy", 503, "7", "busy");

        private final String path;
        private final int status;
        private final String retryAfter;
        private final String body;

        Early(String path, int status, String retryAfter, String body) {
            this.path = path;
            this.status = status;
            this.retryAfter = retryAfter;
            this.body = body;
        }

        void configure(WebServerConfig.Builder server) {
        }
    }
}

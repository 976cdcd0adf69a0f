package dev.hangup.proxies;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.TestServer;

import io.helidon.common.configurable.AllowList;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestedUriDiscoveryContext.RequestedUriDiscoveryType;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

/** The server behind the proxies. It has a route for each {@link Kind}, which works until it is stopped. */
final class TrackedWork implements AutoCloseable {
    private final Map<String, Piece> pieces = new ConcurrentHashMap<>();
    private final TestServer server = TestServer.start(
            config -> config.requestedUriDiscoveryContext(it -> it
                    .addDiscoveryType(RequestedUriDiscoveryType.X_FORWARDED)
                    .trustedProxies(AllowList.builder().addAllowed("127.0.0.1").build())),
            hangup -> { }, this::routes);

    int port() {
        return server.port();
    }

    /** The work of the request with an id. */
    Piece piece(String id) {
        return pieces.computeIfAbsent(id, it -> new Piece());
    }

    /** Who has sent the next request to a route, as the server sees it. */
    String nextPeer(String route) {
        return server.nextEnd(it -> it.route().equals(route)).peer();
    }

    @Override
    public void close() {
        server.close();
    }

    private void routes(HttpRouting.Builder routing) {
        for (Kind kind : Kind.values()) {
            routing.any(kind.path("{id}"), Hangup.cancellable((request, response) -> {
                Piece piece = piece(request.path().pathParameters().get("id"));
                piece.begun.complete(null);
                try {
                    kind.work.handle(request, response);
                } finally {
                    long at = System.nanoTime();
                    piece.ended.complete(new End(Cancellation.current().reason().orElse(null), at));
                }
            }));
        }
        routing.get("/observe/health/ready", (request, response) -> response.status(Status.NO_CONTENT_204).send())
                .get("/remaining", Hangup.cancellable((request, response) ->
                        response.send(String.valueOf(Deadline.current().orElseThrow().remaining().toMillis()))))
                .get("/host", (request, response) -> response.send(request.headers().get(HeaderNames.HOST).get()))
                .get("/peer", Hangup.cancellable((request, response) -> response.send()))
                .any("/busy/{id}", (request, response) -> {
                    piece(request.path().pathParameters().get("id")).calls.incrementAndGet();
                    response.status(Status.SERVICE_UNAVAILABLE_503).header("Retry-After", "7").send("busy");
                });
    }

    /** What a request waits for when its client leaves. */
    enum Kind {
        /** Nothing of the response is written. */
        WAIT((request, response) -> TimeUnit.MINUTES.sleep(1)),
        /** A part of the response is written, and then nothing for long. */
        SILENT_STREAM((request, response) -> {
            var out = response.outputStream();
            out.write("data\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            TimeUnit.MINUTES.sleep(1);
        }),
        /** A part of the response is written every now and then. */
        TICKS((request, response) -> {
            var out = response.outputStream();
            while (true) {
                out.write("data\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }),
        /** The body has been read. */
        READ_BODY((request, response) -> {
            request.content().as(byte[].class);
            TimeUnit.MINUTES.sleep(1);
        }),
        /** The body has been sent, but nobody reads it. */
        UNREAD_BODY((request, response) -> TimeUnit.MINUTES.sleep(1)),
        /** The body is read as it comes, and its end has not been sent. */
        UPLOAD((request, response) -> request.content().as(byte[].class));

        private final Handler work;

        Kind(Handler work) {
            this.work = work;
        }

        String path(String id) {
            return "/" + name().toLowerCase(Locale.ROOT) + "/" + id;
        }

        boolean streams() {
            return this == SILENT_STREAM || this == TICKS;
        }

        /** The body that a client sends, as far as it sends it. */
        int sent() {
            return switch (this) {
                case READ_BODY, UNREAD_BODY -> 30_000;
                case UPLOAD -> 40_000;
                default -> 0;
            };
        }

        /** The length of the body that a client announces. */
        int announced() {
            return this == UPLOAD ? 100_000 : sent();
        }
    }

    /** The end of some work. */
    record End(Outcome outcome, long at) {
    }

    /** The work of one request. */
    static final class Piece {
        final CompletableFuture<Void> begun = new CompletableFuture<>();
        final CompletableFuture<End> ended = new CompletableFuture<>();
        private final AtomicInteger calls = new AtomicInteger();

        /** How often the server was asked for it. */
        int calls() {
            return calls.get();
        }
    }
}

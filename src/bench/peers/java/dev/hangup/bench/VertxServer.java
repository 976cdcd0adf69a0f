package dev.hangup.bench;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;

/** The peer on Vert.x: the response has a handler that is called when the client leaves. */
final class VertxServer {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final AtomicInteger running = new AtomicInteger();
    private final String target;

    private VertxServer(String target) {
        this.target = target;
    }

    public static void main(String[] args) {
        VertxServer server = new VertxServer(args[0]);
        server.vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0).setAcceptBacklog(4096))
                .requestHandler(server::handle)
                .listen()
                .onSuccess(it -> System.out.println(it.actualPort()));
    }

    private void handle(HttpServerRequest request) {
        switch (request.path()) {
            case "/wait" -> count(request, waiting(request));
            case "/loop" -> count(request, computing(request));
            case "/relay" -> count(request, relaying(request));
            case "/running" -> request.response().end(String.valueOf(running.get()));
            default -> request.response().end("hello");
        }
    }

    private Future<String> waiting(HttpServerRequest request) {
        Promise<String> end = Promise.promise();
        long timer = vertx.setTimer(LONGEST.toMillis(), id -> end.tryComplete(""));
        request.response().closeHandler(gone -> {
            vertx.cancelTimer(timer);
            end.tryFail("the client has left");
        });
        return end.future();
    }

    private Future<String> computing(HttpServerRequest request) {
        AtomicBoolean left = new AtomicBoolean();
        request.response().closeHandler(gone -> left.set(true));
        long end = System.nanoTime() + LONGEST.toNanos();
        return vertx.executeBlocking(() -> {
            while (System.nanoTime() < end && !left.get()) {
                Thread.onSpinWait();
            }
            return "";
        }, false);
    }

    private Future<String> relaying(HttpServerRequest request) {
        return client.request(new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(target)).compose(call -> {
            request.response().closeHandler(gone -> call.reset());
            return call.send().compose(response -> response.body()).map(Object::toString);
        });
    }

    private void count(HttpServerRequest request, Future<String> work) {
        running.incrementAndGet();
        work.onComplete(result -> {
            running.decrementAndGet();
            if (!request.response().closed()) {
                request.response().setStatusCode(result.succeeded() ? 200 : 502).end(result.succeeded() ? result.result() : "");
            }
        });
    }
}

package dev.hangup.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.logging.LogManager;

import dev.hangup.Hangup;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** The peers on Helidon: plain, which has no cancellation, and under Hangup. */
final class HelidonServer {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final CloseableHttpClient client = HttpClients.custom()
            .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(Integer.MAX_VALUE)
                    .setMaxConnTotal(Integer.MAX_VALUE)
                    .build())
            .disableAutomaticRetries()
            .build();
    private final AtomicInteger running = new AtomicInteger();
    private final String target;

    private HelidonServer(String target) {
        this.target = target;
    }

    /**
     * Starts it.
     *
     * @param args the URL that {@code /relay} calls, and {@code plain} or {@code hangup}
     */
    public static void main(String[] args) {
        HelidonServer server = new HelidonServer(args[0]);
        boolean hangup = args[1].equals("hangup");
        WebServer started = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .backlog(4096)
                .features(hangup ? List.of(Hangup.builder().deadline(Duration.ofMinutes(1)).build()) : List.of())
                .featuresDiscoverServices(false)
                .routing(routing -> server.route(routing, hangup ? Hangup::cancellable : HelidonServer::plain))
                .build()
                .start();
        // Helidon configures the log when its first class is loaded
        LogManager.getLogManager().reset();
        System.out.println(started.port());
    }

    private void route(HttpRouting.Builder routing, Function<Handler, Handler> cancellable) {
        routing.get("/", cancellable.apply((request, response) -> response.send("hello")))
                .any("/wait", cancellable.apply(counted(() -> {
                    Thread.sleep(LONGEST);
                    return "";
                })))
                .get("/loop", cancellable.apply(counted(HelidonServer::compute)))
                .get("/relay", cancellable.apply(counted(this::call)))
                .get("/running", (request, response) -> response.send(String.valueOf(running.get())));
    }

    private Handler counted(Callable<String> work) {
        return (request, response) -> {
            running.incrementAndGet();
            try {
                response.send(work.call());
            } finally {
                running.decrementAndGet();
            }
        };
    }

    private String call() throws IOException {
        return client.execute(new HttpGet(target), response -> EntityUtils.toString(response.getEntity()));
    }

    private static Handler plain(Handler handler) {
        return handler;
    }

    private static String compute() throws InterruptedException {
        for (long end = System.nanoTime() + LONGEST.toNanos(); System.nanoTime() < end;) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return "";
    }
}

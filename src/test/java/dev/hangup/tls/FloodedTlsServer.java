package dev.hangup.tls;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogManager;

import dev.hangup.Hangup;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.ChildOutput;
import dev.hangup.testing.Transport;

import io.helidon.webserver.WebServer;

/** A server with TLS 1.3 in a JVM of its own with a small heap, which reports what happens in it. */
final class FloodedTlsServer implements AutoCloseable {
    private static final int HEAP_MIB = 64;

    private final Process process;
    private final int port;
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    private FloodedTlsServer(Process process, BufferedReader output) throws IOException {
        this.process = process;
        this.port = ChildOutput.readPort(output);
        Thread.ofVirtual().start(() -> output.lines().forEach(events::add));
    }

    static FloodedTlsServer start() throws IOException {
        Process process = ChildJvm.running(FloodedTlsServer.class, List.of("-Xmx" + HEAP_MIB + "m", "-XX:+ExitOnOutOfMemoryError"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new FloodedTlsServer(process, process.inputReader());
    }

    int port() {
        return port;
    }

    /** Waits for the next event of a request for {@code /work}: "began", or "ended" and its outcome. */
    String nextEvent() throws InterruptedException {
        String event = events.poll(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
        if (event == null) {
            throw new AssertionError("Nothing has happened in time");
        }
        return event;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** In the other JVM. */
    public static void main(String[] arguments) {
        OutcomeListener listener = end -> {
            if (end.route().equals("/work")) {
                System.out.println("ended " + end.outcome());
            }
        };
        WebServer server = WebServer.builder()
                .featuresDiscoverServices(false)
                .addFeature(Hangup.builder().addListener(listener).build())
                .update(Transport.TLS_1_3::configure)
                .routing(routing -> routing
                        .get("/number", Hangup.cancellable(request -> "42"))
                        .get("/work", Hangup.cancellable((request, response) -> {
                            System.out.println("began");
                            TimeUnit.MINUTES.sleep(1);
                        })))
                .build()
                .start();
        // the output is for events alone; what starts a server configures the log
        LogManager.getLogManager().reset();
        System.out.println(server.port());
    }
}

package dev.hangup.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.hangup.testing.Await;
import dev.hangup.testing.Transport;

/**
 * Clients of all kinds that come and leave, for minutes, against a server in its own process; at the end that must use
 * no more threads, sockets, files, heap and permits than after a warm-up. Ends with 1 if it does; {@code
 * -Ddemo.jvm=-Dhangup.watch=false} shows that it can.
 */
public final class Soak {
    private static final int CLIENTS_OF_EACH_KIND = 8;
    private static final Duration SETTLING = Duration.ofSeconds(60);

    private final Process server;
    private final PrintWriter ask;
    private final BufferedReader answers;
    private final LongAdder visits = new LongAdder();
    private final LongAdder mistreated = new LongAdder();

    private Soak() throws IOException {
        server = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-preview",
                                    "--add-exports", "java.base/jdk.internal.vm=ALL-UNNAMED",
                                    "-Xmx256m", "-Dhangup.watch=" + Await.WATCHED,
                                    "-cp", System.getProperty("java.class.path"), SoakServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ask = new PrintWriter(server.outputWriter(), true);
        answers = server.inputReader();
    }

    /**
     * Runs it.
     *
     * @param args seconds (default 600), of which a quarter, but a minute at most, is the warm-up
     */
    public static void main(String[] args) throws Exception {
        long seconds = args.length > 0 ? Long.parseLong(args[0]) : 600;
        Soak soak = new Soak();
        try {
            System.exit(soak.run(Duration.ofSeconds(seconds)) ? 0 : 1);
        } finally {
            soak.server.destroy();
        }
    }

    private boolean run(Duration time) throws Exception {
        Map<String, Traffic> kinds = new LinkedHashMap<>();
        int clear = Integer.parseInt(answers.readLine());
        int secure = Integer.parseInt(answers.readLine());
        kinds.put("HTTP/1.1", new Http1Traffic(clear, Optional.empty()));
        kinds.put("HTTP/1.1 under TLS", new Http1Traffic(secure, Optional.of(Transport.trusting())));
        Duration warmUp = Duration.ofSeconds(Math.min(60, time.toSeconds() / 4));
        kinds.put("HTTP/2", new Http2Traffic(clear, Optional.empty()));
        kinds.put("HTTP/2 under TLS", new Http2Traffic(secure, Optional.of(Transport.trusting())));
        traffic(kinds, warmUp);
        SoakUsage before = settled(null);
        System.out.println("Soak, before: " + before + ", after " + visits + " clients");
        traffic(kinds, time.minus(warmUp));
        SoakUsage after = settled(before);
        System.out.println("Soak, after:  " + after + ", after " + visits + " clients in " + time.toSeconds() + " s, "
                                   + mistreated + " of them not treated as they must be");
        return after.within(before) && mistreated.sum() == 0;
    }

    private void traffic(Map<String, Traffic> kinds, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            kinds.forEach((name, kind) -> {
                for (int i = 0; i < CLIENTS_OF_EACH_KIND; i++) {
                    clients.submit(() -> visits(name, kind, end));
                }
            });
        }
    }

    private void visits(String name, Traffic kind, long end) {
        Random random = new Random();
        while (System.nanoTime() - end < 0) {
            visits.increment();
            try {
                kind.visit(random);
            } catch (IOException | RuntimeException e) {
                mistreated.increment();
                System.out.println(name + ": " + e);
            }
        }
    }

    /** What the server uses when nothing is left to be done, or when it has had its time for that. */
    private SoakUsage settled(SoakUsage before) throws IOException, InterruptedException {
        long end = System.nanoTime() + SETTLING.toNanos();
        SoakUsage usage = usage();
        while (System.nanoTime() - end < 0 && !(usage.quiet() && (before == null || usage.within(before)))) {
            TimeUnit.MILLISECONDS.sleep(500);
            usage = usage();
        }
        return usage;
    }

    private SoakUsage usage() throws IOException {
        ask.println();
        return SoakUsage.parse(answers.readLine());
    }
}

package dev.hangup.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.hangup.testing.Transport;

/**
 * What a request costs on a server that is kept busy, against the floor: plain Helidon whose handler forks its work in a task
 * scope. Clients are wrk and h2load.
 */
final class Saturation implements Benchmark.Part {
    private static final int GENERATIONS = Integer.getInteger("saturation.generations", 5);
    private static final int ROUNDS = Integer.getInteger("saturation.rounds", 3);
    private static final int WARM_UP_REQUESTS = 350_000;
    private static final int HTTP2_WARM_UP_REQUESTS = 150_000;
    private static final int WARM_UP_CONNECTIONS = 6_000;
    private static final Pattern HOW_MANY = Pattern.compile("(\\d+) requests in |requests: .* (\\d+) succeeded");
    private static final List<String> H2LOAD = List.of("h2load", "-c10", "-m10", "-D1");
    private static final List<String> H2LOAD_CONNECTIONS = List.of("h2load", "-c1000", "-n1000");

    @Override
    public String question() {
        return "CPU time of a trivial request on a busy server, and how many there are in a second, " + GENERATIONS
                + " generations of processes, " + ROUNDS + " rounds in turn each";
    }

    @Override
    public void run() throws Exception {
        List<Comparison> http1 = new ArrayList<>();
        for (int connections : new int[] {4, 64, 256}) {
            http1.add(new Comparison("HTTP/1.1, " + connections + " connections", wrk("http", connections)));
        }
        Comparison.Load streams = (server, path) -> answers(H2LOAD, "http", server, path);
        Comparison http2 = new Comparison("HTTP/2, 10 connections with 10 streams", streams);
        Comparison tls = new Comparison("HTTP/1.1 over TLS 1.3, 64 connections", wrk("https", 64));
        for (int i = 0; i < GENERATIONS; i++) {
            try (FloorServers servers = FloorServers.start(Transport.CLEAR)) {
                List<Comparison.Target> targets = servers.targets();
                warmUp("http", targets);
                for (Comparison each : http1) {
                    each.measure(targets, ROUNDS);
                }
                Comparison.warmUp(streams, targets, HTTP2_WARM_UP_REQUESTS);
                Comparison.warmUp((server, path) -> answers(H2LOAD_CONNECTIONS, "http", server, path), targets,
                                  WARM_UP_CONNECTIONS);
                http2.measure(targets, ROUNDS);
            }
            try (FloorServers servers = FloorServers.start(Transport.TLS_1_3)) {
                List<Comparison.Target> targets = servers.targets();
                warmUp("https", targets);
                tls.measure(targets, ROUNDS);
            }
        }
        Comparison.print(Stream.concat(http1.stream(), Stream.of(tls, http2)).toList());
    }

    private static void warmUp(String scheme, List<Comparison.Target> targets) throws IOException, InterruptedException {
        Comparison.warmUp(wrk(scheme, 64), targets, WARM_UP_REQUESTS);
        Comparison.warmUp(wrk(scheme, 16, "-H", "Connection: close"), targets, WARM_UP_CONNECTIONS);
    }

    /** Keeps a server busy for a second with so many connections. */
    static Comparison.Load wrk(String scheme, int connections, String... options) {
        List<String> wrk = new ArrayList<>(List.of("wrk", "-t1", "-c" + connections, "-d1s"));
        wrk.addAll(List.of(options));
        return (server, path) -> answers(wrk, scheme, server, path);
    }

    private static long answers(List<String> client, String scheme, ServerProcess server, String path)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(client);
        command.add(scheme + "://localhost:" + server.port() + path);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        Matcher many = HOW_MANY.matcher(said);
        if (!many.find()) {
            throw new IOException(said);
        }
        return Long.parseLong(Optional.ofNullable(many.group(1)).orElseGet(() -> many.group(2)));
    }
}

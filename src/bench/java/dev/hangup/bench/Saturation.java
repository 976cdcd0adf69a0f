package dev.hangup.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.testing.Transport;

/**
 * What a request costs on a server that is kept busy, against the floor: plain Helidon whose handler forks its work in a task
 * scope. Clients are wrk and h2load.
 */
final class Saturation implements Benchmark.Part {
    private static final int ROUNDS = Integer.getInteger("saturation.rounds", 7);
    private static final int WARM_UP_REQUESTS = 350_000;
    private static final int HTTP2_WARM_UP_REQUESTS = 150_000;
    private static final Pattern HOW_MANY = Pattern.compile("(\\d+) requests in |requests: .* (\\d+) succeeded");
    private static final List<String> H2LOAD = List.of("h2load", "-c10", "-m10", "-D1");

    @Override
    public String question() {
        return "CPU time of a trivial request on a busy server, and how many there are in a second, " + ROUNDS + " rounds in turn";
    }

    @Override
    public void run() throws Exception {
        Comparison.printHead();
        try (FloorServers servers = FloorServers.start(Transport.CLEAR)) {
            Comparison comparison = new Comparison(servers.targets(), ROUNDS);
            comparison.warmUp(wrk("http", 64), WARM_UP_REQUESTS);
            for (int connections : new int[] {4, 64, 256}) {
                comparison.run("HTTP/1.1, " + connections + " connections", wrk("http", connections));
            }
            Comparison.Load http2 = (server, path) -> answers(H2LOAD, "http", server, path);
            comparison.warmUp(http2, HTTP2_WARM_UP_REQUESTS);
            comparison.run("HTTP/2, 10 connections with 10 streams", http2);
        }
        try (FloorServers servers = FloorServers.start(Transport.TLS_1_3)) {
            Comparison comparison = new Comparison(servers.targets(), ROUNDS);
            comparison.warmUp(wrk("https", 64), WARM_UP_REQUESTS);
            comparison.run("HTTP/1.1 over TLS 1.3, 64 connections", wrk("https", 64));
        }
    }

    /** Keeps a server busy for a second with so many connections. */
    static Comparison.Load wrk(String scheme, int connections) {
        List<String> wrk = List.of("wrk", "-t1", "-c" + connections, "-d1s");
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

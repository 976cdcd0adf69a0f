package dev.hangup.bench;

import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.testing.RawClient;

/**
 * Hangup beside other servers, each with the cancellation that is usual there: what a request costs, how soon the work stops when
 * its client leaves, which ways of leaving are not noticed, and the memory of requests in flight. All in one run and in turn,
 * since the speed of a machine changes.
 */
final class Peers {
    private static final List<String> WRK = List.of("wrk", "-t1", "-c64");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final int ROUNDS = 7;
    private static final int WARM_UPS = 500;
    private static final int BATCHES = 5;
    private static final int BATCH = 200;
    private static final int IN_FLIGHT = 1000;
    private static final int UNREAD = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration START = Duration.ofSeconds(30);

    private final List<Peer> peers = new ArrayList<>();

    private Peers() {
    }

    /**
     * Runs it.
     *
     * @param args the folder with the sources of those that are not in Java
     */
    public static void main(String[] args) throws Exception {
        Peers all = new Peers();
        try {
            all.start(Path.of(args[0]));
            all.rates();
            all.stops();
            all.memory();
            all.unnoticed();
        } finally {
            for (Peer peer : all.peers) {
                peer.close();
            }
        }
    }

    private void start(Path sources) throws IOException, InterruptedException {
        peers.add(java("plain Helidon", "HelidonServer", "plain"));
        peers.add(java("Hangup", "HelidonServer", "hangup"));
        peers.add(java("Vert.x", "VertxServer"));
        if (isInstalled("go")) {
            Path program = Files.createTempDirectory("hangup-peers").resolve("server");
            run(List.of("go", "build", "-o", program.toString(), sources.resolve("go/server.go").toString()));
            peers.add(Peer.start("Go", List.of(program.toString())));
        }
        if (isInstalled("node")) {
            peers.add(Peer.start("Node", List.of("node", sources.resolve("node/server.mjs").toString())));
        }
    }

    private static Peer java(String name, String main, String... options) throws IOException {
        return Peer.start(name, List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-preview",
                                        "-cp", System.getProperty("java.class.path"), "dev.hangup.bench." + main), options);
    }

    private void rates() throws IOException, InterruptedException {
        if (!isInstalled("wrk")) {
            System.out.println("Requests per second: wrk is not installed");
            return;
        }
        Map<Peer, List<Double>> rates = new LinkedHashMap<>();
        Map<Peer, List<Double>> costs = new LinkedHashMap<>();
        for (Peer peer : peers) {
            load(peer, 8);
            rates.put(peer, new ArrayList<>());
            costs.put(peer, new ArrayList<>());
        }
        for (int i = 0; i < ROUNDS; i++) {
            for (Peer peer : peers) {
                long start = System.nanoTime();
                Duration before = peer.cpu();
                double rate = load(peer, 1);
                double seconds = (System.nanoTime() - start) / 1e9;
                rates.get(peer).add(rate);
                costs.get(peer).add(peer.cpu().minus(before).toNanos() / 1e3 / (rate * seconds));
            }
        }
        System.out.println("A trivial request that may be cancelled, 64 connections, " + ROUNDS + " rounds: requests per second, CPU time");
        for (Peer peer : peers) {
            System.out.printf(Locale.ROOT, "%-14s %,9.0f/s  %6.1f us%n", peer.name(), samples(rates.get(peer)).median(),
                              samples(costs.get(peer)).median());
        }
    }

    private void stops() throws IOException, InterruptedException {
        Map<Peer, List<Double>> millis = new LinkedHashMap<>();
        for (Peer peer : peers) {
            if (stop(peer) < 0) {
                continue;
            }
            millis.put(peer, new ArrayList<>());
            for (int i = 0; i < WARM_UPS; i++) {
                stop(peer);
            }
        }
        for (int i = 0; i < BATCHES; i++) {
            for (Peer peer : millis.keySet()) {
                for (int k = 0; k < BATCH; k++) {
                    double taken = stop(peer);
                    if (taken < 0) {
                        throw new IllegalStateException(peer.name() + " does not notice each time");
                    }
                    millis.get(peer).add(taken);
                }
            }
        }
        System.out.println("From the client's close to the close of the call that its request waits for");
        for (Peer peer : peers) {
            System.out.printf("%-14s %s%n", peer.name(), !millis.containsKey(peer)
                    ? "not within " + SOON.toSeconds() + " s" : samples(millis.get(peer)).tail());
        }
    }

    /** Returns the time in milliseconds, or a negative number if it does not stop. */
    private double stop(Peer peer) throws IOException, InterruptedException {
        byte[] buffer = new byte[4096];
        try (RawClient client = RawClient.connect(peer.port()).get("/relay"); Socket call = peer.target().accept()) {
            call.getInputStream().read(buffer);
            // those that do not watch a request from its beginning do so now
            TimeUnit.MILLISECONDS.sleep(4);
            call.setSoTimeout((int) SOON.toMillis());
            long left = System.nanoTime();
            client.leave();
            try {
                while (call.getInputStream().read(buffer) != -1) {
                    // the rest of the call
                }
            } catch (SocketTimeoutException e) {
                return -1;
            } catch (IOException e) {
                // a reset is an end as well
            }
            return (System.nanoTime() - left) / 1e6;
        }
    }

    private void memory() throws IOException, InterruptedException {
        System.out.println("Resident memory after the load above, and with " + IN_FLIGHT + " requests that wait");
        for (Peer peer : peers) {
            peer.awaitRunning(0, START);
            long before = peer.resident();
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < IN_FLIGHT; i++) {
                clients.add(RawClient.connect(peer.port()).get("/wait"));
            }
            if (!peer.awaitRunning(IN_FLIGHT, START)) {
                System.out.println(peer.name() + " does not run them");
                continue;
            }
            System.out.printf(Locale.ROOT, "%-14s %6.1f MiB  %6.1f MiB%n", peer.name(), before / 1024.0,
                              peer.resident() / 1024.0);
            clients.forEach(RawClient::close);
            peer.awaitRunning(0, START);
        }
    }

    private void unnoticed() throws InterruptedException {
        Map<String, Way> ways = new LinkedHashMap<>();
        String post = "POST /wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
        ways.put("closes", new Way(client -> client.get("/wait"), RawClient::leave));
        ways.put("resets", new Way(client -> client.get("/wait"), RawClient::reset));
        ways.put("closes behind a request that it sent later", new Way(client -> client.get("/wait"), client -> {
            client.get("/").leave();
        }));
        ways.put("closes behind an unread body of 1 KB", new Way(client -> client.send(post + "1000\r\n\r\n" + "x".repeat(1000)),
                                                               RawClient::leave));
        ways.put("resets behind it", new Way(client -> client.send(post + "1000\r\n\r\n" + "x".repeat(1000)), RawClient::reset));
        ways.put("closes amid an unread body of 1 MB", new Way(client -> {
            client.send(post + UNREAD + "\r\n\r\n");
            Thread.startVirtualThread(() -> sendUntilClosed(client));
        }, RawClient::leave));
        ways.put("closes while its request computes", new Way(client -> client.get("/loop"), RawClient::leave));
        System.out.println("Whose work stops within " + SOON.toSeconds() + " s when its client");
        for (Map.Entry<String, Way> way : ways.entrySet()) {
            StringBuilder line = new StringBuilder(String.format("%-45s", way.getKey()));
            for (Peer peer : peers) {
                line.append(String.format("  %s: %s", peer.name(), notices(peer, way.getValue()) ? "yes" : "no"));
            }
            System.out.println(line);
        }
    }

    private static boolean notices(Peer peer, Way way) throws InterruptedException {
        // work that did not stop ends by itself
        peer.awaitRunning(0, START);
        try (RawClient client = RawClient.connect(peer.port())) {
            way.begins().accept(client);
            if (!peer.awaitRunning(1, SOON)) {
                // nor does anything else run while it computes
                TimeUnit.MILLISECONDS.sleep(SOON.toMillis());
            }
            way.leaves().accept(client);
            return peer.awaitRunning(0, SOON);
        }
    }

    private static void sendUntilClosed(RawClient client) {
        try {
            client.socket().getOutputStream().write(new byte[UNREAD]);
        } catch (IOException e) {
            // the client has left
        }
    }

    private static double load(Peer peer, int seconds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(WRK);
        command.addAll(List.of("-d" + seconds, "http://127.0.0.1:" + peer.port() + "/"));
        Matcher rate = RATE.matcher(run(command));
        if (!rate.find()) {
            throw new IllegalStateException("wrk says no rate");
        }
        return Double.parseDouble(rate.group(1));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed: " + output);
        }
        return output;
    }

    private static boolean isInstalled(String program) {
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!found) {
            System.out.println(program + " is not installed");
        }
        return found;
    }

    private static Samples samples(List<Double> values) {
        return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** How a request begins, and how its client leaves. */
    private record Way(Consumer<RawClient> begins, Consumer<RawClient> leaves) {
    }
}

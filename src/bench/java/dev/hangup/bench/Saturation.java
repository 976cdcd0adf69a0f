package dev.hangup.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.testing.Transport;

/**
 * What a request costs on a server that is kept busy, against the floor: plain Helidon whose handler forks its work in a task
 * scope. Clients are wrk and h2load. All targets are asked in turn, in short rounds; each ratio is that of two rounds one after
 * the other. A ratio within the spread of the two servers of the A/A pair, which are the same, counts as none.
 */
final class Saturation implements Benchmark.Part {
    private static final int ROUNDS = Integer.getInteger("saturation.rounds", 15);
    private static final int WARM_UPS = 4;
    private static final Pattern HOW_MANY = Pattern.compile("(\\d+) requests in |requests: .* (\\d+) succeeded");
    private static final List<Load> LOADS = List.of(new Load("HTTP/1.1, 4 connections", Transport.CLEAR, wrk(4)),
                                                    new Load("HTTP/1.1, 64 connections", Transport.CLEAR, wrk(64)),
                                                    new Load("HTTP/1.1, 256 connections", Transport.CLEAR, wrk(256)),
                                                    new Load("TLS 1.3, 64 connections", Transport.TLS_1_3, wrk(64)),
                                                    new Load("HTTP/2, 10 connections with 10 streams", Transport.CLEAR,
                                                             List.of("h2load", "-c10", "-m10", "-D1")));

    @Override
    public String question() {
        return "CPU time of a trivial request on a busy server, and how many there are in a second, " + ROUNDS + " rounds in turn";
    }

    @Override
    public void run() throws Exception {
        for (Transport transport : List.of(Transport.CLEAR, Transport.TLS_1_3)) {
            try (ServerProcess plain = start(false, transport); ServerProcess same = start(false, transport);
                    ServerProcess hangup = start(true, transport)) {
                List<Target> targets = List.of(new Target("plain, bare", plain, FloorServer.BARE),
                                               new Target("plain, forked: the floor", plain, FloorServer.FORKED),
                                               new Target("A/A: the floor again", same, FloorServer.FORKED),
                                               new Target("A/A: plain, bare, again", same, FloorServer.BARE),
                                               new Target("server with Hangup, bare", hangup, FloorServer.BARE),
                                               new Target("route under Hangup", hangup, FloorServer.HANGUP));
                for (Load load : LOADS) {
                    if (load.transport == transport) {
                        compare(load, targets);
                    }
                }
            }
        }
    }

    private static ServerProcess start(boolean hangup, Transport transport) throws IOException, InterruptedException {
        return ServerProcess.start(FloorServer.class, String.valueOf(hangup), transport.name());
    }

    private static void compare(Load load, List<Target> targets) throws Exception {
        for (int i = 0; i < WARM_UPS; i++) {
            for (Target target : targets) {
                target.measure(load);
            }
        }
        Map<Target, List<Measured>> all = new LinkedHashMap<>();
        targets.forEach(it -> all.put(it, new ArrayList<>()));
        List<Target> order = new ArrayList<>(targets);
        for (int i = 0; i < ROUNDS; i++) {
            // whoever comes first may find the machine in another state than who comes last
            Collections.reverse(order);
            for (Target target : order) {
                all.get(target).add(target.measure(load));
            }
        }
        System.out.println(load.name);
        all.forEach((target, measured) -> {
            double[] micros = measured.stream().mapToDouble(Measured::micros).toArray();
            double[] rates = measured.stream().mapToDouble(Measured::perSecond).toArray();
            List<Measured> floor = all.get(targets.get(target.path.equals(FloorServer.BARE) ? 0 : 1));
            double[] ratios = new double[micros.length];
            Arrays.setAll(ratios, i -> micros[i] / floor.get(i).micros);
            System.out.printf("  %-26s %6.2f us, %,8.0f a second; CPU to that of plain: %s%n", target.name,
                              new Samples(micros).median(), new Samples(rates).median(), new Samples(ratios).spread("%.3f"));
        });
    }

    private static List<String> wrk(int connections) {
        return List.of("wrk", "-t1", "-c" + connections, "-d1s");
    }

    private record Load(String name, Transport transport, List<String> command) {
    }

    private record Measured(double micros, double perSecond) {
    }

    private record Target(String name, ServerProcess server, String path) {
        Measured measure(Load load) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(load.command);
            command.add((load.transport.secure() ? "https" : "http") + "://localhost:" + server.port() + path);
            Duration before = server.cpu();
            long start = System.nanoTime();
            Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(client.getInputStream().readAllBytes());
            client.waitFor();
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpu = server.cpu().minus(before).toNanos() / 1e3;
            Matcher many = HOW_MANY.matcher(said);
            if (!many.find()) {
                throw new IOException(said);
            }
            long answers = Long.parseLong(Optional.ofNullable(many.group(1)).orElseGet(() -> many.group(2)));
            return new Measured(cpu / answers, answers / seconds);
        }
    }
}

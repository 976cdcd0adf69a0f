package dev.hangup.bench;

import java.util.ArrayList;
import java.util.List;

import dev.hangup.testing.Transport;

/** What a request costs on a server that is half idle: its clients take more time than itself. */
final class Cost implements Benchmark.Part {
    private static final int GENERATIONS = Integer.getInteger("cost.generations", 5);
    private static final int ROUNDS = Integer.getInteger("cost.rounds", 5);
    private static final int WARM_UP_REQUESTS = 200_000;
    private static final int WARM_UP_CONNECTIONS = 6_000;
    private static final long MILLIS = 1000;
    private static final int CONNECTIONS = 16;

    @Override
    public String question() {
        return "CPU time of a trivial request on a server that is half idle, and of the demo's, " + GENERATIONS
                + " generations of processes, " + ROUNDS + " rounds in turn each";
    }

    @Override
    public void run() throws Exception {
        Comparison.Load load = (server, path) -> Load.run(server.port(), path, 200, CONNECTIONS, MILLIS);
        Comparison comparison = new Comparison("HTTP/1.1, " + CONNECTIONS + " connections", load);
        for (int i = 0; i < GENERATIONS; i++) {
            // what the demo itself makes of requests is not Hangup's; Helidon counts them, too, once it is asked for metrics
            try (FloorServers servers = FloorServers.start(Transport.CLEAR);
                    ServerProcess demo = ServerProcess.start("page.enabled=false", "server.features.observe.enabled=false")) {
                List<Comparison.Target> targets = new ArrayList<>(servers.targets());
                Comparison.Target plain = new Comparison.Target("the demo's answer, no route of Hangup", demo,
                                                                "/no-context?seconds=0", targets.getFirst());
                targets.add(plain);
                targets.add(new Comparison.Target("the demo's answer under Hangup", demo, "/with-context?seconds=0", plain));
                Comparison.warmUp(load, targets, WARM_UP_REQUESTS);
                Comparison.warmUp((server, path) -> Load.connect(server.port(), path), targets, WARM_UP_CONNECTIONS);
                comparison.measure(targets, ROUNDS);
            }
        }
        Comparison.print(List.of(comparison));
    }
}

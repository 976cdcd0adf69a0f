package dev.hangup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How much of the heap a request in flight holds under Hangup, against one on plain Helidon; and what the difference consists
 * of.
 */
final class Memory implements Benchmark.Part {
    private static final int[] IN_FLIGHT = {100, 1000, 9000};
    private static final int CLASSES = 14;
    /** Stacks of virtual threads that wait. Their size depends on how far the JIT compilers have got. */
    private static final String STACKS = "jdk.internal.vm.StackChunk";
    private static final int WARM_UP_IN_FLIGHT = 200;
    private static final int WARM_UPS = 300_000;
    private static final Duration WARM_UP_AT_MOST = Duration.ofMinutes(2);
    private static final int WARM_UP_CROWDS = 12;
    private static final int WARM_UP_CROWD = 1000;

    @Override
    public String question() {
        return "live heap of a request in flight, its connection included";
    }

    @Override
    public void run() throws Exception {
        for (int count : IN_FLIGHT) {
            Map<String, Double> plain;
            try (ServerProcess server = ServerProcess.startPlain()) {
                plain = bytes(server, "/no-context", count);
            }
            Map<String, Double> hangup;
            try (ServerProcess server = ServerProcess.start()) {
                hangup = bytes(server, "/with-context", count);
            }
            System.out.printf(Locale.ROOT, "%,6d in flight: plain Helidon %,6.0f bytes each, Hangup %,6.0f, %,5.0f more, "
                                      + "of these %,5.0f of stacks%n",
                              count, sum(plain), sum(hangup), sum(hangup) - sum(plain),
                              hangup.getOrDefault(STACKS, 0.0) - plain.getOrDefault(STACKS, 0.0));
            if (count == IN_FLIGHT[IN_FLIGHT.length - 1]) {
                plain.forEach((name, bytes) -> hangup.merge(name, -bytes, Double::sum));
                hangup.entrySet().stream()
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .limit(CLASSES)
                        .forEach(it -> System.out.printf(Locale.ROOT, "%,8.0f bytes more: %s%n", it.getValue(), it.getKey()));
            }
        }
    }

    private static double sum(Map<String, Double> byClass) {
        return byClass.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static Map<String, Double> bytes(ServerProcess server, String path, int count) throws IOException, InterruptedException {
        // what is made once is there, and all is compiled: a stack of interpreted frames is several times larger
        try (Load warmUp = Load.start(server.port(), path + "?seconds=0.005", WARM_UP_IN_FLIGHT, 0)) {
            warmUp.await(WARM_UPS, WARM_UP_AT_MOST);
        }
        // connections, too, since each is the base of its threads' stacks
        for (int i = 0; i < WARM_UP_CROWDS; i++) {
            List<Socket> crowd = ask(server, path, "0.5", WARM_UP_CROWD);
            server.settle();
            close(crowd);
        }
        server.settle();
        Map<String, Long> before = server.liveClasses();
        List<Socket> clients = ask(server, path, "3600", count);
        try {
            server.settle();
            Map<String, Double> each = new HashMap<>();
            server.liveClasses().forEach((name, bytes) -> each.put(name, (bytes - before.getOrDefault(name, 0L)) / (double) count));
            return each;
        } finally {
            close(clients);
        }
    }

    private static List<Socket> ask(ServerProcess server, String path, String seconds, int count) throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
            clients.add(client);
            client.getOutputStream().write(("GET " + path + "?seconds=" + seconds + " HTTP/1.1\r\nHost: localhost\r\n"
                    + "X-Request-Timeout-Ms: 3600000\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        return clients;
    }

    private static void close(List<Socket> clients) throws IOException {
        for (Socket client : clients) {
            client.close();
        }
    }
}

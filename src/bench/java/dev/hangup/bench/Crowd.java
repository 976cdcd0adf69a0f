package dev.hangup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;

/**
 * How long it takes until the last of many works is interrupted whose clients all leave at once; and what the largest crowds hold
 * that the descriptors of two processes allow.
 */
final class Crowd implements Benchmark.Part {
    private static final int CLIENTS = 500;
    private static final int WARM_UPS = 60;
    private static final int ROUNDS = 20;
    private static final int CONNECTIONS = 18_000;
    private static final int HTTP2_CONNECTIONS = 300;
    private static final int STREAMS = 100;
    private static final int FEW = 100;
    private static final int FEW_WARM_UPS = 50;
    private static final int FEW_MILLIS = 100;
    private static final int MASS_MILLIS = 1000;

    @Override
    public String question() {
        return CLIENTS + " clients leave at once: from the first close to the last interrupt; the same for the largest crowds";
    }

    @Override
    public void run() throws Exception {
        try (ServerSocket called = new ServerSocket(0, CLIENTS, InetAddress.getLoopbackAddress())) {
            for (String name : List.of("CLEAR", "TLS_1_3", "HTTP2_PRIOR_KNOWLEDGE_END", "HTTP2_PRIOR_KNOWLEDGE_RESET")) {
                for (String program : List.of("floor", "hangup")) {
                    System.out.printf(Locale.ROOT, "%-28s %-8s %s%n", name, program,
                                      new Samples(measure(WayToLeave.named(name), program, called)).tail());
                }
            }
        }
        Asking http1 = port -> {
            RawClient client = RawClient.connect(port).get(NoticingServer.SLEEP);
            return client::leave;
        };
        Asking http2 = port -> {
            Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(port);
            for (int i = 0; i < STREAMS; i++) {
                client.get(NoticingServer.SLEEP);
            }
            return client::close;
        };
        for (String program : List.of("floor", "hangup")) {
            masses(program, "CLEAR", CONNECTIONS, CONNECTIONS, http1);
            masses(program, "HTTP2_PRIOR_KNOWLEDGE_END", HTTP2_CONNECTIONS, HTTP2_CONNECTIONS * STREAMS, http2);
        }
    }

    private static double[] measure(WayToLeave way, String program, ServerSocket called) throws Exception {
        double[] millis = new double[ROUNDS];
        byte[] buffer = new byte[1];
        try (ServerProcess server = ServerProcess.start(NoticingServer.class, program, way.name(),
                                                        String.valueOf(called.getLocalPort()))) {
            for (int i = -WARM_UPS; i < ROUNDS; i++) {
                List<Runnable> clients = new ArrayList<>();
                List<Socket> calls = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    clients.add(way.ask(server.port(), NoticingServer.CALL));
                    Socket call = called.accept();
                    calls.add(call);
                    call.getInputStream().read(buffer);
                }
                // for the watchers to be there: the watch delay is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(50);
                long taken = leave(server, clients);
                if (i >= 0) {
                    millis[i] = taken / 1e6;
                }
                for (Socket call : calls) {
                    call.close();
                }
            }
        }
        return millis;
    }

    private static long leave(ServerProcess server, List<Runnable> clients) throws IOException {
        long left = System.nanoTime();
        clients.forEach(Runnable::run);
        return Long.parseLong(server.nextLine()) - left;
    }

    private static void masses(String program, String way, int connections, int requests, Asking asking)
            throws Exception {
        try (ServerProcess server = ServerProcess.start(NoticingServer.class, program, way, "0")) {
            int few = Math.max(1, FEW * connections / requests);
            for (int i = 0; i < FEW_WARM_UPS; i++) {
                // the first take long to begin
                leave(server, ask(server, few, asking, i == 0 ? MASS_MILLIS : FEW_MILLIS));
            }
            Duration cpu = server.cpu();
            for (int i = 0; i < ROUNDS; i++) {
                leave(server, ask(server, few, asking, FEW_MILLIS));
            }
            double microsOfFew = server.cpu().minus(cpu).toNanos() / 1e3 / ROUNDS / FEW;
            server.settle();
            long heapBefore = server.liveHeap();
            long descriptorsBefore = server.descriptors();
            cpu = server.cpu();
            Duration collecting = server.collectorCpu();
            List<Runnable> clients = ask(server, connections, asking, MASS_MILLIS);
            Duration asked = server.cpu().minus(cpu);
            Duration collectingMeanwhile = server.collectorCpu().minus(collecting);
            server.settle();
            long heap = server.liveHeap() - heapBefore;
            long descriptors = server.descriptors() - descriptorsBefore;
            cpu = server.cpu();
            collecting = server.collectorCpu();
            long taken = leave(server, clients);
            double micros = server.cpu().minus(cpu).plus(asked).toNanos() / 1e3 / requests;
            double collectorMicros = server.collectorCpu().minus(collecting).plus(collectingMeanwhile).toNanos() / 1e3 / requests;
            server.settle();
            System.out.printf(Locale.ROOT, "%s, %s: %,d requests in flight on %,d connections: %,d bytes of heap each, %,d descriptors; "
                                      + "all leave: the last interrupt after %.0f ms; %.0f us of CPU time each, of it %.0f for "
                                      + "collections (in flight %d: %.0f us); left behind: %,d bytes of heap, %d descriptors%n",
                              program, way, requests, connections, heap / requests, descriptors, taken / 1e6, micros,
                              collectorMicros, FEW, microsOfFew,
                              server.liveHeap() - heapBefore, server.descriptors() - descriptorsBefore);
        }
    }

    private static List<Runnable> ask(ServerProcess server, int connections, Asking asking, int millis) throws InterruptedException {
        List<Runnable> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            clients.add(asking.ask(server.port()));
        }
        // all have begun
        TimeUnit.MILLISECONDS.sleep(millis);
        return clients;
    }

    /** Connects and asks; what is returned leaves. */
    private interface Asking {
        Runnable ask(int port);
    }
}

package dev.hangup.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What requests that compute do to others: eight times as many as there are processors. */
final class Starvation implements Benchmark.Part {
    private static final int COMPUTING = 8 * Runtime.getRuntime().availableProcessors();
    private static final int SAMPLES = 2500;
    /** Where each takes seconds. */
    private static final int SEVERAL = 20;
    private static final int WARM_UPS = 200;
    private static final int DEPARTURES = 1000;
    private static final Duration BEGINNING = Duration.ofSeconds(30);
    private static final byte[] TRIVIAL = "GET /no-context?seconds=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    @Override
    public String question() {
        return "a trivial request beside " + COMPUTING + " that compute, and from a client's close to the end of a computation";
    }

    @Override
    public void run() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            trivial(server.port(), SAMPLES);
            System.out.printf(Locale.ROOT, "%-30s %s%n", "alone", new Samples(trivial(server.port(), SAMPLES)).tail());
            for (String path : new String[] {"/no-context/cpu", "/with-context/cpu"}) {
                try (Load computing = Load.start(server.port(), path + "?seconds=0.2", COMPUTING, 0)) {
                    computing.await(COMPUTING, BEGINNING);
                    System.out.printf(Locale.ROOT, "%-30s %s%n", "beside " + path,
                                      new Samples(trivial(server.port(), SAMPLES)).tail());
                }
            }
        }
        StoppedComputations.millis(COMPUTING, WARM_UPS);
        System.out.printf(Locale.ROOT, "%-30s %s%n", "close to end of computation",
                          new Samples(StoppedComputations.millis(COMPUTING, DEPARTURES)).tail());
        for (boolean guard : new boolean[] {false, true}) {
            System.out.printf(Locale.ROOT, "%-30s %s%n", "loops, guard " + (guard ? "on" : "off"),
                              StoppedComputations.onVirtualThreads(COMPUTING, guard));
        }
        besideLoops("guard off", ServerProcess.start("server.features.hangup.carrier-guard=false"), SEVERAL);
        besideLoops("64 carriers", ServerProcess.start("server.features.hangup.carrier-guard=false",
                                                       "jdk.virtualThreadScheduler.parallelism=64"), SAMPLES);
        besideLoops("guard on", ServerProcess.start(), SAMPLES);
        if (GoServer.possible()) {
            try (GoServer server = GoServer.start()) {
                besideLoops("Go", server.port(), SAMPLES);
            }
        }
    }

    private static void besideLoops(String name, ServerProcess server, int samples) throws Exception {
        try (server) {
            besideLoops(name, server.port(), samples);
        }
    }

    /** Each handler computes in a plain loop for a second, where it is. */
    private static void besideLoops(String name, int port, int samples) throws Exception {
        trivial(port, WARM_UPS);
        try (Load computing = Load.start(port, "/with-context/loop?seconds=1", COMPUTING, 0)) {
            computing.await(COMPUTING, BEGINNING);
            System.out.printf(Locale.ROOT, "%-30s %s%n", "beside loops, " + name, new Samples(trivial(port, samples)).tail());
        }
    }

    private static double[] trivial(int port, int count) throws IOException, InterruptedException {
        double[] millis = new double[count];
        byte[] answer = new byte[1024];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            InputStream input = socket.getInputStream();
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                socket.getOutputStream().write(TRIVIAL);
                // the answer is small, and written at once
                if (input.read(answer) < 1) {
                    throw new IOException("The server has closed the connection");
                }
                millis[i] = (System.nanoTime() - start) / 1e6;
                // over some seconds
                TimeUnit.MILLISECONDS.sleep(2);
            }
        }
        return millis;
    }
}

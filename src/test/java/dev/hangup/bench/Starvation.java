package dev.hangup.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.work.CpuBound;

/** What requests that compute do to others: eight times as many as there are processors. */
final class Starvation implements Benchmark.Part {
    private static final int COMPUTING = 8 * Runtime.getRuntime().availableProcessors();
    private static final int SAMPLES = 2500;
    private static final int DEPARTURES = 500;
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
        System.out.printf(Locale.ROOT, "%-30s %s%n", "close to end of computation", new Samples(leave()).tail());
        cost();
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

    private static double[] leave() throws Exception {
        double[] millis = new double[DEPARTURES];
        CpuBound cpu = CpuBound.create();
        SynchronousQueue<Long> started = new SynchronousQueue<>();
        SynchronousQueue<Long> stopped = new SynchronousQueue<>();
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.computing(request -> cpu.call(() -> {
            started.put(System.nanoTime());
            while (!Thread.interrupted()) {
                Thread.onSpinWait();
            }
            stopped.put(System.nanoTime());
            return "";
        }))))) {
            for (int i = 0; i < DEPARTURES; i++) {
                RawClient client = server.connect().get("/work");
                started.take();
                // for the watcher to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                client.leave();
                millis[i] = (stopped.take() - left) / 1e6;
                server.nextEnd();
            }
        }
        return millis;
    }

    /** What it costs a loop to look whether it is interrupted. */
    private static void cost() throws InterruptedException {
        int pairs = 21;
        double[] nanos = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            nanos[i] = Looking.run(true) - Looking.run(false);
        }
        System.out.printf(Locale.ROOT, "%-30s %s%n", "Thread.interrupted(), ns", new Samples(nanos).spread("%.2f"));
    }

    /** A loop that looks in every round, or does not. */
    private static final class Looking {
        private static final int ROUNDS = 20_000_000;
        /** So that the loop is not for nothing. */
        private static long sum;

        private Looking() {
        }

        /** Nanoseconds for each round. */
        private static double run(boolean look) throws InterruptedException {
            long start = System.nanoTime();
            sum += look ? looking() : blind();
            return (System.nanoTime() - start) / (double) ROUNDS;
        }

        private static long looking() throws InterruptedException {
            long state = sum | 1;
            for (int i = 0; i < ROUNDS; i++) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                state = state * 6364136223846793005L + 1442695040888963407L;
            }
            return state;
        }

        private static long blind() {
            long state = sum | 1;
            for (int i = 0; i < ROUNDS; i++) {
                state = state * 6364136223846793005L + 1442695040888963407L;
            }
            return state;
        }
    }
}

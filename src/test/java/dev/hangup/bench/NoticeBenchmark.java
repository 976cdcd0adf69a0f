package dev.hangup.bench;

import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

/** How long it takes from a client's close to the interrupt of its work, for each transport. */
public final class NoticeBenchmark {
    private NoticeBenchmark() {
    }

    /**
     * Runs it.
     *
     * @param args number of departures for each transport (default 2000)
     */
    public static void main(String[] args) throws Exception {
        int departures = args.length > 0 ? Integer.parseInt(args[0]) : 2000;
        for (Transport transport : Transport.values()) {
            measure(transport, departures / 4);
            Samples millis = new Samples(measure(transport, departures));
            System.out.printf(Locale.ROOT, "%-18s p50 %.3f ms  p99 %.3f ms  max %.3f ms%n",
                              transport, millis.median(), millis.quantile(0.99), millis.quantile(1));
        }
    }

    private static double[] measure(Transport transport, int departures) throws InterruptedException {
        double[] millis = new double[departures];
        SynchronousQueue<Long> started = new SynchronousQueue<>();
        SynchronousQueue<Long> interrupted = new SynchronousQueue<>();
        try (TestServer server = TestServer.start(transport, routing -> routing.get("/work", Hangup.computing(request -> {
            started.put(System.nanoTime());
            try {
                TimeUnit.MINUTES.sleep(1);
            } catch (InterruptedException e) {
                long now = System.nanoTime();
                interrupted.put(now);
            }
            return "";
        })))) {
            for (int i = 0; i < departures; i++) {
                RawClient client = server.connect().get("/work");
                started.take();
                // for the watcher to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                client.leave();
                millis[i] = (interrupted.take() - left) / 1e6;
                server.nextEnd();
            }
        }
        return millis;
    }
}

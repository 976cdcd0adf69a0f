package dev.hangup.bench;

import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.testing.TestServer;

/** How long it takes from a client's close to the interrupt of its work. */
final class Notice implements Benchmark.Part {
    private static final int WARM_UPS = 1000;
    private static final int DEPARTURES = 2500;

    @Override
    public String question() {
        return "from the client's close to the interrupt of its work";
    }

    @Override
    public void run() throws Exception {
        for (WayToLeave way : WayToLeave.all()) {
            measure(way, WARM_UPS);
            System.out.printf(Locale.ROOT, "%-24s %s%n", way.name(), new Samples(measure(way, DEPARTURES)).tail());
        }
    }

    private static double[] measure(WayToLeave way, int departures) throws Exception {
        double[] millis = new double[departures];
        SynchronousQueue<Long> started = new SynchronousQueue<>();
        SynchronousQueue<Long> interrupted = new SynchronousQueue<>();
        try (TestServer server = way.serve(routing -> routing.get("/work", Hangup.cancellable(request -> {
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
                Runnable leave = way.ask(server, "/work");
                started.take();
                // for the watcher to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                leave.run();
                millis[i] = (interrupted.take() - left) / 1e6;
                server.nextEnd();
            }
        }
        return millis;
    }
}

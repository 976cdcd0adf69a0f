package dev.hangup.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.testing.TestServer;

/** How long it takes until the last of many works is interrupted whose clients all leave at once. */
final class Crowd implements Benchmark.Part {
    private static final int CLIENTS = 500;
    private static final int WARM_UPS = 3;
    private static final int ROUNDS = 10;

    @Override
    public String question() {
        return CLIENTS + " clients leave at once: from the first close to the last interrupt";
    }

    @Override
    public void run() throws Exception {
        for (WayToLeave way : WayToLeave.all()) {
            System.out.printf(Locale.ROOT, "%-24s %s%n", way.name(), new Samples(measure(way)).tail());
        }
    }

    private static double[] measure(WayToLeave way) throws Exception {
        double[] millis = new double[ROUNDS];
        Semaphore started = new Semaphore(0);
        Semaphore interrupted = new Semaphore(0);
        try (TestServer server = way.serve(routing -> routing.get("/work", Hangup.cancellable(request -> {
            started.release();
            try {
                TimeUnit.MINUTES.sleep(1);
            } catch (InterruptedException e) {
                interrupted.release();
            }
            return "";
        })))) {
            for (int i = -WARM_UPS; i < ROUNDS; i++) {
                List<Runnable> clients = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    clients.add(way.ask(server, "/work"));
                }
                started.acquire(CLIENTS);
                // for the watchers to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(20);
                long left = System.nanoTime();
                clients.forEach(Runnable::run);
                interrupted.acquire(CLIENTS);
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - left) / 1e6;
                }
            }
        }
        return millis;
    }
}

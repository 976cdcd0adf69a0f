package dev.hangup.bench;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

/** How long it takes from a client's close to the interrupt of the work that it waits for, two relays away. */
final class Chain implements Benchmark.Part {
    private static final int WARM_UPS = 1000;
    private static final int DEPARTURES = 2500;

    private final SynchronousQueue<Long> started = new SynchronousQueue<>();
    private final SynchronousQueue<Long> interrupted = new SynchronousQueue<>();

    @Override
    public String question() {
        return "from the client's close to the interrupt of the work in the last of three servers";
    }

    @Override
    public void run() throws Exception {
        try (TestServer last = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request -> work())));
                ServerProcess middle = ServerProcess.start("relay.url=http://127.0.0.1:" + last.port() + "/");
                ServerProcess first = ServerProcess.start(
                        "relay.url=http://127.0.0.1:" + middle.port() + "/with-context/relay")) {
            measure(first, WARM_UPS);
            System.out.println("a relay, a relay, the work  " + new Samples(measure(first, DEPARTURES)).tail());
        }
    }

    private double[] measure(ServerProcess first, int departures) throws InterruptedException {
        double[] millis = new double[departures];
        for (int i = 0; i < departures; i++) {
            try (RawClient client = RawClient.connect(first.port()).get("/with-context/relay")) {
                started.take();
                // for the watchers to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                client.leave();
                millis[i] = (interrupted.take() - left) / 1e6;
            }
        }
        return millis;
    }

    private String work() throws InterruptedException {
        started.put(System.nanoTime());
        try {
            TimeUnit.MINUTES.sleep(1);
        } catch (InterruptedException e) {
            long now = System.nanoTime();
            interrupted.put(now);
        }
        return "";
    }
}

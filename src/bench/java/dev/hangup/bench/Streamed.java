package dev.hangup.bench;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.sse.Event;
import dev.hangup.sse.EventStream;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http.Handler;

/** How long it takes from a client's close to the end of the stream of events that it gets. */
final class Streamed implements Benchmark.Part {
    private static final int WARM_UPS = 500;
    private static final int DEPARTURES = 2500;
    private static final int BLOCKED_DEPARTURES = 250;
    private static final Event TICK = Event.of("{}").name("tick");
    private static final Event LARGE = Event.of("x".repeat(64 * 1024));

    private final SynchronousQueue<Long> ended = new SynchronousQueue<>();

    @Override
    public String question() {
        return "from the client's close to the end of the producer of the events that it gets";
    }

    @Override
    public void run() throws Exception {
        try (TestServer server = TestServer.start(routing -> routing.get("/pause", producer(TICK, 60_000))
                .get("/flood", producer(LARGE, 0)))) {
            measure(server, "/pause", WARM_UPS);
            System.out.println("between two events       " + new Samples(measure(server, "/pause", DEPARTURES)).tail());
            measure(server, "/flood", BLOCKED_DEPARTURES);
            System.out.println("blocked by a slow reader "
                                       + new Samples(measure(server, "/flood", BLOCKED_DEPARTURES)).tail());
        }
    }

    private double[] measure(TestServer server, String path, int departures) throws InterruptedException {
        double[] millis = new double[departures];
        for (int i = 0; i < departures; i++) {
            try (RawClient client = server.connect().get(path)) {
                client.readHead();
                // for the watcher to be there, and the buffers to be full
                TimeUnit.MILLISECONDS.sleep(20);
                long left = System.nanoTime();
                client.leave();
                millis[i] = (ended.take() - left) / 1e6;
            }
            server.nextEnd();
        }
        return millis;
    }

    private Handler producer(Event event, int pause) {
        return Hangup.cancellable(EventStream.of((request, events) -> {
            try {
                while (true) {
                    events.send(event);
                    TimeUnit.MILLISECONDS.sleep(pause);
                }
            } finally {
                long now = System.nanoTime();
                // as the race does to it already, if it was in the middle of a write
                Thread.interrupted();
                ended.put(now);
            }
        }));
    }
}

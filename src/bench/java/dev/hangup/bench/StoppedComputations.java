package dev.hangup.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.cpu.CpuBound;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http.HttpRouting;

/** Clients of computations that leave while all processors compute, and more is waiting. */
final class StoppedComputations {
    /** How long a computation lasts that nobody can stop. */
    private static final Duration LONG = Duration.ofSeconds(1);

    private StoppedComputations() {
    }

    /** From a client's close to the moment that its computation sees the interrupt; as many are always in flight. */
    static double[] millis(int inFlight, int departures) throws InterruptedException {
        double[] millis = new double[departures];
        CpuBound cpu = CpuBound.builder().queue(inFlight).build();
        BlockingQueue<Integer> started = new LinkedBlockingQueue<>();
        BlockingQueue<Long> stopped = new LinkedBlockingQueue<>();
        try (TestServer server = start(true, routing -> routing.get("/{client}", Hangup.cancellable(request -> {
            int client = Integer.parseInt(request.path().pathParameters().get("client"));
            return cpu.call(() -> {
                started.put(client);
                compute(Duration.ofHours(1));
                stopped.put(System.nanoTime());
                return "";
            });
        })))) {
            List<RawClient> clients = new ArrayList<>();
            while (clients.size() < inFlight) {
                clients.add(server.connect().get("/" + clients.size()));
            }
            for (int i = 0; i < departures; i++) {
                RawClient leaving = clients.get(started.take());
                clients.add(server.connect().get("/" + clients.size()));
                // for the watcher to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                leaving.leave();
                millis[i] = (stopped.take() - left) / 1e6;
            }
            clients.forEach(RawClient::leave);
        }
        return millis;
    }

    /** What becomes of others, and of those that leave, if the same is computed on the requests' own, virtual threads. */
    static String onVirtualThreads(int inFlight, boolean guard) throws InterruptedException {
        int processors = Runtime.getRuntime().availableProcessors();
        CountDownLatch allBusy = new CountDownLatch(processors);
        BlockingQueue<Boolean> noticed = new LinkedBlockingQueue<>();
        try (TestServer server = start(guard, routing -> routing
                .get("/trivial", Hangup.cancellable(request -> ""))
                .get("/", Hangup.cancellable(request -> {
                    boolean first = allBusy.getCount() > 0;
                    allBusy.countDown();
                    boolean interrupted = compute(LONG);
                    if (first) {
                        noticed.put(interrupted);
                    }
                    return "";
                })));
                RawClient other = server.connect()) {
            other.get("/trivial").read();
            List<RawClient> clients = Stream.generate(() -> server.connect().get("/")).limit(inFlight).toList();
            allBusy.await();
            long asked = System.nanoTime();
            clients.forEach(RawClient::leave);
            other.get("/trivial").read();
            double millis = (System.nanoTime() - asked) / 1e6;
            int count = 0;
            for (int i = 0; i < processors; i++) {
                count += noticed.take() ? 1 : 0;
            }
            return String.format(Locale.ROOT, "a trivial request takes %.0f ms; of the %d computations that were going on %d "
                                         + "noticed that their clients left, in the %d ms until their own end",
                                 millis, processors, count, LONG.toMillis());
        }
    }

    private static TestServer start(boolean guard, Consumer<HttpRouting.Builder> routing) {
        return TestServer.start(hangup -> hangup.deadline(Duration.ofHours(1)).carrierGuard(guard), routing);
    }

    /** Whether it was interrupted before the time was up. */
    private static boolean compute(Duration atMost) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < atMost.toNanos()) {
            if (Thread.interrupted()) {
                return true;
            }
        }
        return false;
    }
}

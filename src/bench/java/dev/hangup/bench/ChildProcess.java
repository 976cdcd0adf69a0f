package dev.hangup.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.process.Children;
import dev.hangup.process.Command;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

/** What a command costs beside a bare process, how fast it ends with its client, and what is left of many. */
final class ChildProcess implements Benchmark.Part {
    private static final int WARM_UPS = 200;
    private static final int CALLS = 1000;
    private static final int DEPARTURES = 1000;

    @Override
    public String question() {
        return "a command beside a bare process; from the client's close to its process's end; what is left of " + DEPARTURES;
    }

    @Override
    public void run() throws Exception {
        Command command = Command.of("true");
        Callable<Object> bare = () -> new ProcessBuilder("true").start().waitFor();
        Callable<Object> ours = command::run;
        for (Callable<Object> call : Arrays.asList(bare, ours)) {
            time(call, WARM_UPS);
        }
        System.out.println("bare process: " + new Samples(time(bare, CALLS)).tail());
        System.out.println("command:      " + new Samples(time(ours, CALLS)).tail());

        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> Command.of("sleep", "60").output())))) {
            measure(server, WARM_UPS);
            Children before = Children.now();
            System.out.println("close to end: " + new Samples(measure(server, DEPARTURES)).tail());
            Await.until("nothing is left", () -> Children.now().isWithin(before));
            System.out.printf(Locale.ROOT, "before %s%nafter  %s%n", before, Children.now());
        }
    }

    private static double[] time(Callable<Object> call, int calls) throws Exception {
        double[] millis = new double[calls];
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            call.call();
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        return millis;
    }

    private static double[] measure(TestServer server, int departures) throws Exception {
        double[] millis = new double[departures];
        for (int i = 0; i < departures; i++) {
            RawClient client = server.connect().get("/");
            Await.until("it sleeps", () -> ProcessHandle.current().children().anyMatch(ChildProcess::sleeps));
            CompletableFuture<Long> end = ProcessHandle.current().children()
                    .filter(ChildProcess::sleeps)
                    .findFirst()
                    .orElseThrow()
                    .onExit()
                    .thenApply(process -> System.nanoTime());
            // for the watcher to be there: patience is 2 ms at most
            TimeUnit.MILLISECONDS.sleep(4);
            long left = System.nanoTime();
            client.leave();
            millis[i] = (end.get() - left) / 1e6;
            server.nextEnd();
        }
        return millis;
    }

    private static boolean sleeps(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/sleep");
    }
}

package dev.hangup.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.hangup.calls.BlockingCall;
import dev.hangup.calls.Departures;
import dev.hangup.calls.Surroundings;

/** The figures of the guide's table of blocking calls. */
final class BlockingCalls implements Benchmark.Part {
    private static final int DEPARTURES = 20;

    @Override
    public String question() {
        return "from the decision that the client has left to the end of a call that blocks";
    }

    @Override
    public void run() throws Exception {
        for (BlockingCall call : BlockingCall.all()) {
            Path folder = Files.createTempDirectory("calls");
            try (Surroundings surroundings = new Surroundings(folder);
                    Departures departures = new Departures(List.of(call), surroundings)) {
                System.out.printf(Locale.ROOT, "%-34s%s%n", call, switch (call.effect()) {
                case STOPS -> stopping(departures, call);
                case GOES_ON -> goingOn(departures);
                case RETURNS -> call.effect().text();
                });
            } finally {
                delete(folder);
            }
        }
    }

    private static String stopping(Departures departures, BlockingCall call) {
        double[] millis = new double[DEPARTURES];
        for (int i = 0; i < DEPARTURES; i++) {
            departures.leave();
            millis[i] = departures.ends(1).get(call).toNanos() / 1e6;
        }
        Samples samples = new Samples(millis);
        return String.format(Locale.ROOT, "stops  p50 %.2f ms  max %.2f ms", samples.median(), samples.quantile(1));
    }

    private static String goingOn(Departures departures) throws InterruptedException {
        departures.leave();
        TimeUnit.SECONDS.sleep(2);
        return departures.endsLeft() == 0 ? "goes on for 2 s" : "has stopped within 2 s";
    }

    private static void delete(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

package dev.hangup.bench;

import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What Hangup costs beside plain Helidon, and how fast it is. */
public final class Benchmark {
    private static final Map<String, Part> PARTS = Map.of("cost", new Cost(),
                                                          "interrupt-check", new InterruptCheck(),
                                                          "notice", new Notice(),
                                                          "crowd", new Crowd(),
                                                          "relay", new RelayedCall(),
                                                          "memory", new Memory(),
                                                          "lasting", new Lasting(),
                                                          "chain", new Chain(),
                                                          "stream", new Streamed(),
                                                          "starvation", new Starvation());
    private static final List<String> ALL = List.of("cost", "lasting", "memory", "notice", "crowd", "relay", "chain", "stream",
                                                    "starvation", "interrupt-check");
    /** Held, since loggers are forgotten that nobody holds. */
    private static final Logger ROOT = Logger.getLogger("");

    private Benchmark() {
    }

    /**
     * Runs it.
     *
     * @param args names of parts; all of them if there are none
     */
    public static void main(String[] args) throws Exception {
        // each departure would be a line
        ROOT.setLevel(Level.OFF);
        for (String name : args.length == 0 ? ALL : List.of(args)) {
            Part part = PARTS.get(name);
            if (part == null) {
                System.err.println("There is no part " + name + ", but " + String.join(", ", ALL));
                System.exit(1);
            }
            System.out.println("== " + name + ": " + part.question());
            part.run();
            System.out.println();
        }
    }

    /** One of the things that are measured. */
    interface Part {
        /** What it measures, on one line. */
        String question();

        /** Measures it, and prints what came out. */
        void run() throws Exception;
    }
}

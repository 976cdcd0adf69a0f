package dev.hangup.bench;

import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.helidon.logging.common.LogConfig;

/** What Hangup costs beside plain Helidon, and how fast it is. */
public final class Benchmark {
    private static final Map<String, Part> PARTS = Map.ofEntries(
            Map.entry("cost", new Cost()),
            Map.entry("start", new Start()),
            Map.entry("saturation", new Saturation()),
            Map.entry("profile", new Profile()),
            Map.entry("code", new CodeAlone()),
            Map.entry("notifying", new Notifying()),
            Map.entry("interrupt-check", new InterruptCheck()),
            Map.entry("notice", new Notice()),
            Map.entry("crowd", new Crowd()),
            Map.entry("relay", new RelayedCall()),
            Map.entry("cluster", new Clustered()),
            Map.entry("memory", new Memory()),
            Map.entry("lasting", new Lasting()),
            Map.entry("chain", new Chain()),
            Map.entry("stream", new Streamed()),
            Map.entry("starvation", new Starvation()),
            Map.entry("query", new QueryEnd()),
            Map.entry("calls", new BlockingCalls()),
            Map.entry("isolated", new IsolatedCalls()),
            Map.entry("process", new ChildProcess()));
    private static final List<String> ALL = List.of("cost", "saturation", "notifying", "lasting", "memory", "notice", "crowd",
                                                    "relay", "chain", "stream", "query", "calls", "starvation", "interrupt-check",
                                                    "isolated", "process", "cluster", "start", "profile", "code");
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
        // would set up the loggers later, when it is needed first
        LogConfig.initClass();
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

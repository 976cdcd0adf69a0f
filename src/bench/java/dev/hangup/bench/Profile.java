package dev.hangup.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.hangup.testing.Transport;

import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * What the CPU time of a trivial request is spent on, on a server that 64 connections keep busy: on the floor, under Hangup, and
 * under an earlier state of Hangup, if there is one to compare with. The Flight Recorder samples the stacks by CPU time (JEP 509,
 * JDK 25 on Linux). A sample counts for the innermost of its frames that belongs to one of the {@link Part}s.
 */
final class Profile implements Benchmark.Part {
    private static final String EVENT = "jdk.CPUTimeSample";
    private static final int WARM_UP_REQUESTS = 1_000_000;
    private static final int ROUNDS = 20;

    @Override
    public String question() {
        return "What the CPU time of a trivial request is spent on, in microseconds";
    }

    @Override
    public void run() throws Exception {
        if (FlightRecorder.getFlightRecorder().getEventTypes().stream().noneMatch(it -> it.getName().equals(EVENT))) {
            System.out.println("Only the Flight Recorder of JDK 25 and newer samples stacks by CPU time");
            return;
        }
        Map<String, Map<Part, Double>> columns = new LinkedHashMap<>();
        try (FloorServers servers = FloorServers.start(Transport.CLEAR)) {
            List<Profiled> profiled = servers.targets().stream()
                    .filter(it -> it.path().equals(FloorServer.HANGUP) || it.name().equals("floor"))
                    .map(Profiled::new)
                    .toList();
            for (Profiled each : profiled) {
                each.start();
            }
            // in turn, since the speed of a machine changes
            for (int i = 0; i < ROUNDS; i++) {
                for (Profiled each : profiled) {
                    each.runRound();
                }
            }
            for (Profiled each : profiled) {
                columns.put(each.target.name(), each.shares());
            }
        }
        System.out.println("| | " + String.join(" | ", columns.keySet()) + " |");
        System.out.println("|---" + "|---".repeat(columns.size()) + "|");
        for (Part part : Part.values()) {
            StringBuilder line = new StringBuilder("| " + part.title);
            columns.values().forEach(it -> line.append(String.format(Locale.ROOT, " | %.2f", it.getOrDefault(part, 0.0))));
            System.out.println(line + " |");
        }
    }

    /** One of those that are compared, with its process being recorded. */
    private static final class Profiled {
        private final Comparison.Target target;
        private final ServerProcess server;
        private Duration cpu = Duration.ZERO;
        private Duration collector = Duration.ZERO;
        private long answers;

        private Profiled(Comparison.Target target) {
            this.target = target;
            this.server = target.server();
        }

        private void start() throws IOException, InterruptedException {
            for (long warm = 0; warm < WARM_UP_REQUESTS;) {
                warm += Saturation.wrk("http", 64).run(server, target.path());
            }
            server.jcmd("JFR.start", "name=profile", EVENT + "#enabled=true", EVENT + "#throttle=2ms");
        }

        private void runRound() throws IOException, InterruptedException {
            Duration cpuBefore = server.cpu();
            Duration collectorBefore = server.collectorCpu();
            answers += Saturation.wrk("http", 64).run(server, target.path());
            cpu = cpu.plus(server.cpu()).minus(cpuBefore);
            collector = collector.plus(server.collectorCpu()).minus(collectorBefore);
        }

        private Map<Part, Double> shares() throws IOException {
            Path recording = Files.createTempFile("profile", ".jfr");
            try {
                server.jcmd("JFR.stop", "name=profile", "filename=" + recording);
                return shares(recording);
            } finally {
                Files.delete(recording);
            }
        }

        private Map<Part, Double> shares(Path recording) throws IOException {
            Map<Part, Integer> samples = new EnumMap<>(Part.class);
            int all = 0;
            for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
                if (event.getEventType().getName().equals(EVENT)) {
                    samples.merge(Part.of(event), 1, Integer::sum);
                    all++;
                }
            }
            if (all == 0) {
                throw new IOException("The recording has no samples");
            }
            double collecting = collector.toNanos() / 1e3 / answers;
            double micros = cpu.toNanos() / 1e3 / answers;
            Map<Part, Double> shares = new EnumMap<>(Part.class);
            for (Map.Entry<Part, Integer> each : samples.entrySet()) {
                shares.put(each.getKey(), (micros - collecting) * each.getValue() / all);
            }
            shares.put(Part.COLLECTOR, collecting);
            shares.put(Part.ALL, micros);
            return shares;
        }
    }

    /** What CPU time is spent on. */
    private enum Part {
        SOCKET("the kernel's sockets: reads, writes, polls", "sun.nio.ch."),
        SCHEDULING("virtual threads: switches, parks, wake-ups", "java.lang.VirtualThread", "java.util.concurrent.ForkJoin",
                   "jdk.internal.vm.", "java.lang.ThreadBuilders", "java.lang.Thread."),
        SCOPE("the task scope", "java.util.concurrent.StructuredTaskScope", "jdk.internal.misc.ThreadFlock",
              "java.lang.ScopedValue", "dev.hangup.internal.race.TaskScopes", "dev.hangup.internal.race.ForkAndJoin"),
        HELIDON("Helidon", "io.helidon."),
        RACE("Hangup: the race", "dev.hangup.internal.race.", "dev.hangup.internal.time.", "dev.hangup.Cancel", "dev.hangup.Deadline"),
        RESPONSE("Hangup: the view of the response", "dev.hangup.internal.response."),
        CONNECTION("Hangup: reader, writer and framing", "dev.hangup.internal.connection.", "dev.hangup.internal.http1."),
        REPORT("Hangup: metrics, Flight Recorder, listeners", "dev.hangup.internal.outcome.", "dev.hangup.internal.metrics.",
               "dev.hangup.outcome."),
        HANGUP("Hangup: all else", "dev.hangup."),
        OTHER("other code"),
        COLLECTOR("the collector of garbage"),
        ALL("**all**");

        private final String title;
        private final List<String> prefixes;

        Part(String title, String... prefixes) {
            this.title = title;
            this.prefixes = List.of(prefixes);
        }

        static Part of(RecordedEvent sample) {
            List<RecordedFrame> frames = sample.getStackTrace() == null ? new ArrayList<>() : sample.getStackTrace().getFrames();
            for (RecordedFrame frame : frames) {
                String name = frame.getMethod().getType().getName() + ".";
                for (Part part : values()) {
                    if (part.prefixes.stream().anyMatch(name::startsWith)) {
                        return part;
                    }
                }
            }
            return OTHER;
        }
    }
}

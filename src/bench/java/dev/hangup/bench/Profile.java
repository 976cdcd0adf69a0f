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
    private static final int SECONDS = 15;

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
            for (Comparison.Target target : servers.targets()) {
                if (target.path().equals(FloorServer.HANGUP) || target.name().equals("floor")) {
                    columns.put(target.name(), measure(target));
                }
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

    private static Map<Part, Double> measure(Comparison.Target target) throws IOException, InterruptedException {
        ServerProcess server = target.server();
        for (long answers = 0; answers < WARM_UP_REQUESTS;) {
            answers += Saturation.wrk("http", 64).run(server, target.path());
        }
        server.jcmd("JFR.start", "name=profile", EVENT + "#enabled=true", EVENT + "#throttle=2ms");
        Duration cpuBefore = server.cpu();
        Duration collectorBefore = server.collectorCpu();
        long answers = 0;
        for (int i = 0; i < SECONDS; i++) {
            answers += Saturation.wrk("http", 64).run(server, target.path());
        }
        double micros = server.cpu().minus(cpuBefore).toNanos() / 1e3 / answers;
        double collector = server.collectorCpu().minus(collectorBefore).toNanos() / 1e3 / answers;
        Path recording = Files.createTempFile("profile", ".jfr");
        try {
            server.jcmd("JFR.stop", "name=profile", "filename=" + recording);
            return shares(recording, micros, collector);
        } finally {
            Files.delete(recording);
        }
    }

    private static Map<Part, Double> shares(Path recording, double micros, double collector) throws IOException {
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
        Map<Part, Double> shares = new EnumMap<>(Part.class);
        for (Map.Entry<Part, Integer> each : samples.entrySet()) {
            shares.put(each.getKey(), (micros - collector) * each.getValue() / all);
        }
        shares.put(Part.COLLECTOR, collector);
        shares.put(Part.ALL, micros);
        return shares;
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

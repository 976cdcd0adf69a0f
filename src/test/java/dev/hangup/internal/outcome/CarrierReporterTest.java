package dev.hangup.internal.outcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.hangup.outcome.CarrierHolder;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Trail;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** How it is told of that carriers were added. */
class CarrierReporterTest {
    private final Trail trail = new Trail();

    @TempDir
    private Path folder;

    @Test
    void isLoggedAndRecordedOnceAndToldToTheListenersOfEachServer() throws IOException {
        CarrierReporter one = reporter("one");
        CarrierReporter other = reporter("other");
        try (Logged log = Logged.allBy("dev.hangup"); Recording recording = new Recording()) {
            recording.enable(FrozenCarriers.NAME);
            recording.start();
            for (CarrierReport.Event event : CarrierReport.Event.values()) {
                CarrierReport report = report(event);
                one.report(report);
                other.report(report);
            }
            trail.await("one OVER");
            trail.await("other OVER");
            assertEquals(List.of("one ADDED", "one CHANGED", "one EXHAUSTED", "one OVER"), trail.events().stream()
                    .filter(it -> it.startsWith("one ")).toList());
            assertEquals(List.of(
                    "carriers-added carriers=4 usual=2 max=129 frozen=20.0ms held-by=unknown",
                    "carriers-exhausted carriers=4 usual=2 max=129 frozen=20.0ms held-by=unknown",
                    "carriers-over carriers=4 usual=2 max=129 frozen=20.0ms elapsed=3000.0ms"), log.trail().events().stream()
                    .filter(line -> line.contains("max=129")).toList());
            recording.stop();
            Path file = folder.resolve("recording.jfr");
            recording.dump(file);
            List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                    .filter(it -> it.getEventType().getName().equals(FrozenCarriers.NAME))
                    .toList();
            assertEquals(List.of("added", "changed", "exhausted", "over"),
                         events.stream().map(it -> it.getString("event")).toList());
            assertEquals(4, events.getFirst().getInt("carriers"));
            assertEquals(Duration.ofMillis(20), events.getFirst().getDuration("frozen"));
        }
    }

    @Test
    void listenersAreNotifiedAlthoughTheLogFails() {
        try (BrokenLog log = new BrokenLog("dev.hangup")) {
            reporter("one").report(report(CarrierReport.Event.ADDED));
            trail.await("one ADDED");
            log.trail().awaitAny(line -> line.startsWith("carriers-added "), "the report");
        }
    }

    @Test
    void whatHoldsThemIsOnOneLine() {
        StackTraceElement frame = new StackTraceElement("app.Report", "sum", "Report.java", 12);
        assertEquals("id=7 GET /report elapsed=31.0ms thread=#41 hangup-work 7 GET /report at app.Report.sum(Report.java:12); "
                             + "peer=127.0.0.1:1234 elapsed=30.0ms thread=#42",
                     OutcomeLog.heldBy(List.of(
                             new CarrierHolder(7, "GET /report", Duration.ofMillis(31), "#41 hangup-work 7 GET /report", List.of(frame)),
                             new CarrierHolder(0, "peer=127.0.0.1:1234", Duration.ofMillis(30), "#42", List.of()))));
    }

    private CarrierReporter reporter(String name) {
        return new CarrierReporter(new Listeners(List.of(), List.of(new OutcomeListener() {
            @Override
            public void ended(RequestEnd end) {
            }

            @Override
            public void carriers(CarrierReport report) {
                trail.add(name + " " + report.event());
            }
        })));
    }

    private static CarrierReport report(CarrierReport.Event event) {
        return new CarrierReport(event, 4, 2, 129, Duration.ofSeconds(3), Duration.ofMillis(20), List.of());
    }
}

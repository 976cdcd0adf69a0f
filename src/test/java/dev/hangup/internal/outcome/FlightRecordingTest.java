package dev.hangup.internal.outcome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import dev.hangup.Hangup;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.WorkFailure;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.Status;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the JDK's Flight Recorder keeps of requests. */
class FlightRecordingTest {
    private final Trail trail = new Trail();
    private final CountDownLatch thrown = new CountDownLatch(1);

    @TempDir
    private Path folder;

    @Test
    @Tag("departure")
    void departureIsAnEventWithTheFieldsOfTheLog() throws IOException {
        try (Recording recording = recording(); TestServer server = server(); RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            RecordedEvent event = only(recording, List.of(end));
            assertEquals("disconnected", event.getString("outcome"));
            assertEquals("GET", event.getString("method"));
            assertEquals("/work/{id}", event.getString("route"));
            assertEquals(end.id(), event.getLong("id"));
            assertEquals(end.peer(), event.getString("peer"));
            assertEquals(499, event.getInt("status"));
            assertEquals(end.decision().request().at().toEpochMilli(), event.getInstant("at").toEpochMilli());
            assertEquals(end.elapsed(), event.getDuration("elapsed"));
            assertEquals(end.stopping(), event.getDuration("stopping"));
            assertEquals(end.thread(), event.getString("thread"));
            assertTrue(end.thread().matches("#\\d+ hangup-work " + end.id() + " GET /work/\\{id}"), end.thread());
        }
    }

    @Test
    void failureIsAnEventAndCompletionIsNone() throws IOException {
        try (Recording recording = recording(); TestServer server = server(); RawClient client = server.connect()) {
            client.get("/fine").read();
            client.get("/broken").read();
            RecordedEvent event = only(recording, List.of(server.nextEnd(), server.nextEnd()));
            assertEquals("failed", event.getString("outcome"));
            assertEquals("/broken", event.getString("route"));
            assertEquals(502, event.getInt("status"));
        }
    }

    @Test
    void whatAClientSendsIsPrintable() throws IOException {
        try (Recording recording = recording(); TestServer server = server(); RawClient client = server.connect()) {
            client.get("/wild/A%0d%0aFAKE%1b%5b31m%e2%80%ae").read();
            RecordedEvent event = only(recording, List.of(server.nextEnd()));
            String shown = "/wild/A\\u000d\\u000aFAKE\\u001b[31m\\u202e";
            assertEquals(shown, event.getString("route"));
            assertTrue(event.getString("thread").endsWith(" GET " + shown), event.getString("thread"));
        }
    }

    @Test
    @Tag("departure")
    void whatCancelledWorkThrowsIsInItsEvent() throws IOException {
        try (Recording recording = recording(); TestServer server = server(); RawClient client = server.connect()) {
            client.get("/failing");
            trail.await("started");
            client.leave();
            RecordedEvent event = only(recording, List.of(server.nextEnd()));
            assertEquals("disconnected", event.getString("outcome"));
            assertTrue(event.getString("thrown").startsWith("java.lang.IllegalStateException: rollback failed"
                                                                    + System.lineSeparator() + "\tat "), event.toString());
        }
    }

    @Test
    @Tag("departure")
    void whatASharedComputationThrowsForNobodyIsAnEventOfItsOwn() throws Exception {
        try (Recording recording = recording(); TestServer server = server(); RawClient client = server.connect()) {
            client.get("/shared");
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            Await.until("the computation has failed", () -> thrown.getCount() == 0);
            List<RecordedEvent> events = events(recording, WorkFailed.NAME, List.of(end));
            assertEquals(1, events.size(), events.toString());
            RecordedEvent event = events.getFirst();
            assertEquals("disconnected", event.getString("outcome"));
            assertEquals("/shared", event.getString("route"));
            assertEquals(end.peer(), event.getString("peer"));
            // the interrupt that its computation has got for it
            assertTrue(event.getString("thrown").contains("Caused by: java.lang.IllegalStateException: rollback failed"
                                                                  + System.lineSeparator() + "\tat "), event.toString());
        }
    }

    @Test
    void nothingIsRecordedThatWasSwitchedOff() throws IOException {
        try (Recording recording = recording(); TestServer server = server(); RawClient client = server.connect()) {
            recording.disable(RequestNotCompleted.NAME);
            client.get("/broken").read();
            assertEquals(List.of(), events(recording, List.of(server.nextEnd())));
        }
    }

    private TestServer server() {
        Coalescing<String, String> shared = Coalescing.<String, String>builder()
                .key(request -> "key")
                .computing(key -> {
                    rollbackFails();
                    return "never";
                })
                .build();
        return TestServer.start(hangup -> hangup.addListener(new OutcomeListener() {
            @Override
            public void ended(RequestEnd end) {
            }

            @Override
            public void threw(WorkFailure failure) {
                thrown.countDown();
            }
        }), routing -> routing
                .get("/failing", Hangup.cancellable((request, response) -> rollbackFails()))
                .get("/shared", shared)
                .get("/work/{id}", Hangup.cancellable(request -> {
                    trail.workUntilInterrupted();
                    return "never";
                }))
                .register("/wild/*", rules -> rules.any(Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                })))
                .get("/fine", Hangup.cancellable(request -> "done"))
                .get("/broken", Hangup.cancellable((request, response) -> response.status(Status.BAD_GATEWAY_502).send())));
    }

    private void rollbackFails() {
        try {
            trail.workUntilInterrupted();
        } catch (InterruptedException e) {
            throw new IllegalStateException("rollback failed");
        }
    }

    private static Recording recording() {
        Recording recording = new Recording();
        recording.enable(RequestNotCompleted.NAME);
        recording.enable(WorkFailed.NAME);
        recording.start();
        return recording;
    }

    private RecordedEvent only(Recording recording, List<RequestEnd> ends) throws IOException {
        List<RecordedEvent> events = events(recording, ends);
        assertEquals(1, events.size(), events.toString());
        return events.getFirst();
    }

    private List<RecordedEvent> events(Recording recording, List<RequestEnd> ends) throws IOException {
        return events(recording, RequestNotCompleted.NAME, ends);
    }

    /** Those of these requests: the recording is the whole JVM's. */
    private List<RecordedEvent> events(Recording recording, String name, List<RequestEnd> ends) throws IOException {
        recording.stop();
        Path file = Files.createTempFile(folder, "recording", ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .filter(event -> ends.stream().anyMatch(end -> end.id() == event.getLong("id")))
                .toList();
    }
}

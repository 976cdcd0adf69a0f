package dev.hangup;

import java.io.IOException;
import java.io.StringReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;

import dev.hangup.cpu.CpuBound;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a thread dump says of the requests in flight. */
class ThreadDumpTest {
    private final Trail trail = new Trail();

    @TempDir
    private Path folder;

    @Test
    void workIsFoundByTheNumberOfItsRequest() throws IOException {
        CpuBound cpu = CpuBound.create();
        Starts starts = new Starts();
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(starts), routing -> routing
                .get("/work/{id}", Hangup.cancellable(request -> cpu.call(() -> {
                    trail.ignoreInterruptsUntil("dumped");
                    return "done";
                })))); RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            trail.await("told");
            String name = starts.id + " GET /work/{id}";
            JsonObject scope = awaitContainer("hangup " + starts.id, 2);
            assertEquals(List.of("hangup-watch " + starts.id, "hangup-work " + name), names(scope));
            JsonObject nested = awaitContainer("hangup-cpu " + name, 1);
            assertEquals(scope.getString("container"), nested.getString("parent"));
            trail.add("dumped");
            assertEquals("done", client.read().text());
        }
    }

    /** A task scope as the dump shows it when it has so many threads that have a name. */
    private JsonObject awaitContainer(String name, int threads) {
        JsonObject[] found = new JsonObject[1];
        Await.until(name + " with " + threads + " threads", () -> {
            found[0] = container(name);
            return found[0] != null && names(found[0]).stream().filter(it -> !it.isEmpty()).count() == threads;
        });
        return found[0];
    }

    private JsonObject container(String name) {
        Path file = folder.resolve("dump.json");
        try {
            Files.deleteIfExists(file);
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.JSON);
            return Json.createReader(new StringReader(Files.readString(file))).readObject()
                    .getJsonObject("threadDump").getJsonArray("threadContainers").getValuesAs(JsonObject.class).stream()
                    .filter(it -> it.getString("container").startsWith(name + "/jdk."))
                    .findAny()
                    .orElse(null);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> names(JsonObject container) {
        return container.getJsonArray("threads").getValuesAs(JsonObject.class).stream()
                .map(it -> it.getString("name"))
                .sorted()
                .toList();
    }

    /** Keeps the number of the request that has begun. */
    private final class Starts implements OutcomeListener {
        private volatile long id;

        @Override
        public void started(RequestStart request) {
            id = request.id();
            trail.add("told");
        }

        @Override
        public void ended(RequestEnd end) {
        }
    }
}

package dev.hangup;

import java.nio.file.Path;
import java.util.List;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.ModularService;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** An application of two classes on the module path, in a JVM of its own, whose module requires that of Hangup and no other. */
class ModulePathTest {
    @TempDir
    private Path directory;

    @Test
    void workStopsWithItsClientWithoutHttp2() throws Exception {
        try (ModularService service = ModularService.start(directory, List.of())) {
            assertEquals("missing", service.awaitValue("HTTP/2 "));
            assertTrue(service.awaitValue("Hangup in ").startsWith("module dev.hangup"));
            try (RawClient client = service.connect()) {
                client.get("/sleep");
                service.trail().await("sleep begun");
                assertFalse(service.trail().events().contains("sleep interrupted"));
                client.leave();
                service.trail().await("sleep interrupted");
            }
            service.stop();
        }
    }

    @Test
    void workOfAStreamStopsWithItsReset() throws Exception {
        try (ModularService service = ModularService.start(directory, List.of("io.helidon.webserver.http2"))) {
            assertEquals("found", service.awaitValue("HTTP/2 "));
            try (Http2Client client = Http2Client.over(service.connect())) {
                int stream = client.get("/sleep");
                service.trail().await("sleep begun");
                assertFalse(service.trail().events().contains("sleep interrupted"));
                client.send(Http2Client.reset(stream));
                service.trail().await("sleep interrupted");
            }
            service.stop();
        }
    }

    @Test
    void workerOfAnIsolatedTaskIsKilledWhenItsClientLeaves() throws Exception {
        try (ModularService service = ModularService.start(directory, List.of())) {
            try (RawClient client = service.connect()) {
                client.get("/isolated");
                String begun = service.awaitValue("Worker ");
                assertTrue(begun.endsWith(": endless begun in module example"), begun);
                ProcessHandle worker = ProcessHandle.of(Long.parseLong(begun.substring(0, begun.indexOf(':')))).orElseThrow();
                assertFalse(service.trail().events().contains("isolated interrupted"));
                client.leave();
                service.trail().await("isolated interrupted");
                assertFalse(worker.isAlive());
            }
            service.stop();
        }
    }

    @Test
    void taskOfAPackageThatIsNotOpenIsRefusedWithTheReason() throws Exception {
        try (ModularService service = ModularService.start(directory, List.of(), "opens example to dev.hangup;", "")) {
            try (RawClient client = service.connect()) {
                client.get("/isolated");
                String refused = service.awaitValue("isolated refused: ");
                assertTrue(refused.contains("opens to dev.hangup"), refused);
                assertEquals(500, client.read().status());
            }
            service.stop();
        }
    }
}

package dev.hangup.calls;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Work whose read of a file lasts until there is input, whatever interrupts it. */
class FileReadTest {
    /** On JDK 25, the thread that interrupts such work waits for it. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void responseToAPassedDeadlineDoesNotWaitForTheRead(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor());
        // open for both, so that neither waits for the other
        try (FileChannel input = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileChannel output = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
                TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                        Duration.ofMillis(200), request -> input.read(ByteBuffer.allocate(1)))));
                RawClient client = server.connect()) {
            try {
                client.get("/");
                assertEquals(503, client.read().status());
            } finally {
                output.write(ByteBuffer.allocate(1));
            }
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }
}

package dev.hangup.isolated;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.Processes;

import io.helidon.Main;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Workers end with their server, however that ends. */
class ParentDeathWatchTest {
    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(classes = {Tasks.NativeSleep.class, Tasks.CriticalSleep.class, Tasks.Loop.class})
    void aWorkerEndsWithAServerThatIsKilled(Class<? extends IsolatedTask> task) throws IOException {
        try (IsolatedServer server = IsolatedServer.start(temporary, task)) {
            long worker = server.worker();
            server.kill();
            Processes.awaitEndOfStranger(worker);
        }
    }

    @Test
    void aWorkerEndsWithAServerThatEndsAndNoFileIsLeft() throws IOException {
        try (IsolatedServer server = IsolatedServer.start(temporary, Tasks.CriticalSleep.class)) {
            long worker = server.worker();
            assertEquals(1, directories().size());
            server.end();
            Processes.awaitEndOfStranger(worker);
            assertEquals(List.of(), directories());
        }
    }

    /** Its server serves on for the shutdown delay, and until its requests have ended. */
    @Test
    void aWorkerStartsWhileItsServerIsStopping() throws Exception {
        Process process = ChildJvm.running(StoppingServer.class, List.of("-Djava.io.tmpdir=" + temporary))
                .redirectErrorStream(true).start();
        assertEquals(List.of("the call has ended"), process.inputReader().lines().filter(it -> it.startsWith("the call")).toList());
        assertEquals(0, process.waitFor());
        assertEquals(List.of(), directories());
    }

    /** Needs its first worker while the JVM exits. */
    static final class StoppingServer {
        private StoppingServer() {
        }

        public static void main(String[] arguments) {
            Isolated isolated = WorkerProcesses.patient().size(1).build();
            Main.addShutdownHandler(() -> {
                try {
                    isolated.call(Tasks.Echo.class, Tasks.bytes("x"));
                    System.out.println("the call has ended");
                } catch (Exception e) {
                    System.out.println("the call: " + e);
                }
            });
            System.exit(0);
        }
    }

    @Test
    void theFilesOfAServerThatWasKilledAreDeletedByTheNextAndThoseOfOthersAreNot() throws IOException {
        try (IsolatedServer living = IsolatedServer.start(temporary, Tasks.NativeSleep.class)) {
            living.worker();
            List<Path> livings = directories();
            try (IsolatedServer killed = IsolatedServer.start(temporary, Tasks.NativeSleep.class)) {
                killed.worker();
            }
            assertEquals(2, directories().size());
            try (IsolatedServer next = IsolatedServer.start(temporary, Tasks.NativeSleep.class)) {
                next.worker();
                assertEquals(2, directories().size());
                assertTrue(directories().containsAll(livings));
                next.end();
            }
            assertEquals(livings, directories());
        }
    }

    @Test
    void aWorkerThatIsToldNothingEnds() throws IOException {
        Process worker = worker();
        worker.getOutputStream().close();
        assertEquals(0, exitCode(worker));
    }

    @Test
    void aWorkerWhoseParentIsNotItsServerAnyMoreEnds() throws IOException {
        Process worker = worker();
        // stays open
        DataOutputStream orders = new DataOutputStream(worker.getOutputStream());
        orders.write(WorkerSocket.token());
        orders.writeUTF(temporary.resolve("socket").toString());
        orders.writeLong(ProcessHandle.current().parent().orElseThrow().pid());
        orders.writeInt(1);
        orders.flush();
        assertEquals(0, exitCode(worker));
        assertEquals("", new String(worker.getInputStream().readAllBytes()));
    }

    @Test
    void aWorkerThatIsForgottenEnds() throws IOException {
        assertEquals(0, exitCode(worker(Duration.ofMillis(100))));
    }

    private Process worker() throws IOException {
        return worker(Duration.ofMinutes(1));
    }

    private Process worker(Duration patience) throws IOException {
        Path jar = temporary.resolve("worker.jar");
        WorkerJar.write(jar);
        return new WorkerCommand(64 * 1024 * 1024, patience, List.of()).worker(jar, Optional.empty()).start();
    }

    private static int exitCode(Process worker) {
        Await.untilBegun("it ends", () -> !worker.isAlive());
        return worker.exitValue();
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(Files::isDirectory).toList();
        }
    }
}

package dev.hangup.isolated;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Processes;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Workers that end, or do not begin: only the call that it happens to hears of it. */
class IsolatedCrashTest {
    private static final int CROWD = 50;
    private static final Pattern DROPPED = Pattern.compile("Worker \\d+: (\\d+) more lines were dropped");

    @Test
    void nativeCodeThatAbortsEndsItsCallAlone() throws Exception {
        try (Logged output = Logged.by(WorkerOutput.class.getName()); Isolated isolated = workers(2)) {
            FutureTask<byte[]> other = inBackground(() -> isolated.call(Tasks.NativeSleep.class, Tasks.bytes("1")));
            WorkerProcesses.awaitBegun(output);
            WorkerEndedException end = assertThrows(WorkerEndedException.class,
                                                    () -> isolated.call(Tasks.Abort.class, new byte[0]));
            // the one that is at work, and the one that takes the other's place or has already
            assertTrue(WorkerProcesses.ofThisJvm().count() > 0);
            assertEquals(134, end.exitCode());
            assertTrue(end.getMessage().endsWith("signal 6"), end.getMessage());
            assertEquals(0, Tasks.number(other.get()));
        }
    }

    @Test
    void crashesInACrowdAreEachTheirCallsAlone() throws Exception {
        try (Isolated isolated = workers(2)) {
            List<FutureTask<byte[]>> calls = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                byte[] input = Tasks.bytes(String.valueOf(i));
                calls.add(inBackground(() -> isolated.call(crashes(input) ? Tasks.Abort.class : Tasks.Echo.class, input)));
            }
            for (int i = 0; i < CROWD; i++) {
                byte[] input = Tasks.bytes(String.valueOf(i));
                if (crashes(input)) {
                    assertEquals(134, assertInstanceOf(WorkerEndedException.class, failure(calls.get(i))).exitCode());
                } else {
                    assertArrayEquals(input, calls.get(i).get());
                }
            }
        }
    }

    private static boolean crashes(byte[] input) {
        return Tasks.number(input) % 10 == 0;
    }

    // longer than anybody has patience here, and no longer
    @Test
    void aCrashIsNoticedWhateverTheWorkerHasStarted() {
        try (Isolated isolated = workers(1)) {
            FutureTask<byte[]> crashing = inBackground(() -> isolated.call(Tasks.CrashingParent.class, Tasks.bytes("40")));
            assertEquals(134, assertInstanceOf(WorkerEndedException.class, failure(crashing)).exitCode());
        }
    }

    @Test
    void whyNativeCodeCrashedIsLoggedAndNoFileIsLeft() throws Exception {
        try (Logged output = Logged.by(WorkerOutput.class.getName()); Isolated isolated = workers(1)) {
            long worker = pid(isolated);
            assertEquals(134, assertThrows(WorkerEndedException.class,
                                           () -> isolated.call(Tasks.Segfault.class, new byte[0])).exitCode());
            output.trail().awaitAny(line -> line.contains("SIGSEGV"), "the reason is logged");
            assertFalse(Files.exists(Path.of("hs_err_pid" + worker + ".log")));
        }
    }

    @Test
    void aWorkerThatExitsIsReplaced() throws Exception {
        try (Isolated isolated = workers(1)) {
            long before = pid(isolated);
            assertEquals(7, assertThrows(WorkerEndedException.class,
                                         () -> isolated.call(Tasks.Exit.class, Tasks.bytes("7"))).exitCode());
            assertFalse(Processes.alive(before));
            assertNotEquals(before, pid(isolated));
        }
    }

    @Test
    void aWorkerThatIsOutOfMemoryEndsAndSaysSo() throws Exception {
        try (Logged output = Logged.by(WorkerOutput.class.getName()); Isolated isolated = workers(1)) {
            WorkerEndedException end = assertThrows(WorkerEndedException.class,
                                                    () -> isolated.call(Tasks.Greed.class, new byte[0]));
            assertEquals(3, end.exitCode());
            assertTrue(end.getMessage().endsWith("out of memory"), end.getMessage());
            output.trail().awaitAny(line -> line.contains("OutOfMemoryError"), "the reason is logged");
            pid(isolated);
        }
    }

    @Test
    void aWorkerThatLosesItsConnectionIsReplaced() throws Exception {
        try (Isolated isolated = workers(1)) {
            long before = pid(isolated);
            assertThrows(WorkerEndedException.class, () -> isolated.call(Tasks.SocketCloser.class, new byte[0]));
            assertFalse(Processes.alive(before));
            assertNotEquals(before, pid(isolated));
        }
    }

    @Test
    void aWorkerThatIsKilledWhileItHasNothingToDoIsReplaced() throws Exception {
        try (Isolated isolated = workers(1)) {
            long before = pid(isolated);
            ProcessHandle.of(before).orElseThrow().destroyForcibly();
            WorkerProcesses.awaitEnd(before);
            assertNotEquals(before, eventualPid(isolated));
        }
    }

    @Test
    void whatAWorkerPrintsIsLoggedInPrintableLines() throws Exception {
        try (Logged output = Logged.by(WorkerOutput.class.getName()); Isolated isolated = workers(1)) {
            isolated.call(Tasks.Printer.class, "A\rFAKE\u001b[31m\u202e\u0085 B".getBytes(StandardCharsets.UTF_8));
            output.trail().awaitAny(line -> line.endsWith(": A\\u000dFAKE\\u001b[31m\\u202e\\u0085 B"), "the line");
        }
    }

    @Test
    void aWorkerThatFloodsItsOutputIsReadAndMostOfThatDropped() throws Exception {
        try (Logged output = Logged.by(WorkerOutput.class.getName()); Isolated isolated = workers(1)) {
            isolated.call(Tasks.Chatter.class, Tasks.bytes("10000"));
            isolated.close();
            Await.until("the rest is counted", () -> shown(output).count() + dropped(output).sum() == 20_000);
            // on a machine that is so slow it is a hundred again after ten seconds
            assertTrue(shown(output).count() <= 100 * (dropped(output).count() + 1), () -> output.trail().events().toString());
            assertTrue(dropped(output).count() > 0);
            assertTrue(shown(output).allMatch(line -> line.length() < 600));
        }
    }

    @Test
    void workersThatCannotStartAreARefusalWithTheReason() {
        try (Logged trouble = Logged.trouble(WorkerPool.class.getName());
                Isolated isolated = Isolated.builder().size(2).archive(false).addOption("-XX:NoSuchOption").build()) {
            HttpException refusal = assertThrows(HttpException.class, () -> pid(isolated));
            assertEquals(Status.SERVICE_UNAVAILABLE_503, refusal.status());
            assertTrue(refusal.headers().contains(HeaderNames.RETRY_AFTER));
            assertTrue(refusal.getCause().getMessage().contains("NoSuchOption"), refusal.getCause().getMessage());
            assertFalse(refusal.getCause().getMessage().contains("\n"));
            // tried again now and then, and not with each call
            for (int i = 0; i < 1000; i++) {
                assertThrows(HttpException.class, () -> pid(isolated));
            }
            assertTrue(trouble.trail().events().size() < 20, trouble.trail().events().toString());
        }
    }

    @Test
    void aClientIsToldNoPathOfTheServer() {
        String folder = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", "/none/such");
        try (Logged log = Logged.trouble(WorkerPool.class.getName());
                Isolated isolated = Isolated.builder().size(1).archive(false).build();
                TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                        request -> isolated.call(Tasks.Echo.class, new byte[0]))));
                RawClient client = server.connect()) {
            RawClient.Response response = client.get("/").read();
            assertEquals(503, response.status());
            assertEquals("No worker can be started", response.text());
            assertTrue(log.trail().events().getFirst().contains("/none/such"), log.trail().events().toString());
        } finally {
            System.setProperty("java.io.tmpdir", folder);
        }
    }

    @Test
    void aWorkerThatIsNotReadyInTimeIsKilled() {
        try (Isolated isolated = Isolated.builder()
                .size(1)
                .archive(false)
                // the JVM waits for a debugger
                .addOption("-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,quiet=y,address=127.0.0.1:0")
                .startTimeout(Duration.ofMillis(300))
                .build()) {
            HttpException refusal = assertThrows(HttpException.class, () -> pid(isolated));
            assertTrue(refusal.getCause().getMessage().contains("not ready after PT0.3S"), refusal.getCause().getMessage());
            assertEquals(0, WorkerProcesses.ofThisJvm().count());
        }
    }

    @Test
    void closingEndsCallsThatRunAndRefusesThoseThatWaitOrCome() {
        Isolated isolated = workers(1);
        try (Logged output = Logged.by(WorkerOutput.class.getName())) {
            FutureTask<byte[]> running = inBackground(() -> isolated.call(Tasks.NativeSleep.class, Tasks.bytes("60")));
            WorkerProcesses.awaitBegun(output);
            FutureTask<byte[]> waiting = new FutureTask<>(() -> isolated.call(Tasks.Echo.class, new byte[0]));
            Await.untilBlocked(Thread.startVirtualThread(waiting));
            isolated.close();
            assertInstanceOf(WorkerEndedException.class, failure(running));
            assertEquals(Status.SERVICE_UNAVAILABLE_503, assertInstanceOf(HttpException.class, failure(waiting)).status());
            assertThrows(HttpException.class, () -> pid(isolated));
            assertEquals(0, WorkerProcesses.ofThisJvm().count());
        }
    }

    private static Stream<String> shown(Logged output) {
        return output.trail().events().stream().filter(line -> line.contains("xxx"));
    }

    private static LongStream dropped(Logged output) {
        return output.trail().events().stream()
                .map(DROPPED::matcher)
                .filter(Matcher::matches)
                .mapToLong(it -> Long.parseLong(it.group(1)));
    }

    private static Isolated workers(int size) {
        return WorkerProcesses.patient().size(size).archive(false).build();
    }

    private static long pid(Isolated isolated) throws Exception {
        return Tasks.number(isolated.call(Tasks.Pid.class, new byte[0]));
    }

    /** The end of a worker that nobody calls may be heard of a moment later, and a call hit that worker. */
    private static long eventualPid(Isolated isolated) throws Exception {
        while (true) {
            try {
                return pid(isolated);
            } catch (WorkerEndedException | HttpException e) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static FutureTask<byte[]> inBackground(Callable<byte[]> call) {
        FutureTask<byte[]> task = new FutureTask<>(call);
        Thread.startVirtualThread(task);
        return task;
    }

    private static Throwable failure(FutureTask<byte[]> task) {
        Await.until("the call returns", task::isDone);
        return task.exceptionNow();
    }
}

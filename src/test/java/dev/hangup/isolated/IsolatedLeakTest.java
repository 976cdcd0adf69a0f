package dev.hangup.isolated;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.hangup.testing.Logged;
import dev.hangup.testing.Patience;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** After many workers were killed, processes, descriptors and threads are what they were. {@code -Dhangup.kills=1000} */
class IsolatedLeakTest {
    private static final int KILLS = Integer.getInteger("hangup.kills", 30);
    private static final int WARM_UPS = 5;
    private static final int WORKERS = 2;

    private final Isolated isolated = Isolated.builder().size(WORKERS).build();

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void killsLeaveNothingBehind() throws Exception {
        try (isolated) {
            Use before = null;
            for (int i = 0; i < WARM_UPS + KILLS; i++) {
                if (i == WARM_UPS) {
                    before = settled(null);
                }
                killOne();
            }
            Use after = settled(before);
            System.out.println(KILLS + " kills: before " + before + ", after " + after);
            assertEquals(before, after);
        }
        assertEquals(0, WorkerProcesses.ofThisJvm().count());
    }

    private void killOne() {
        try (Logged output = Logged.by(WorkerOutput.class.getName())) {
            FutureTask<byte[]> call = new FutureTask<>(() -> isolated.call(Tasks.NativeSleep.class, Tasks.bytes("600")));
            Thread caller = Thread.startVirtualThread(call);
            long worker = WorkerProcesses.awaitBegun(output);
            caller.interrupt();
            Patience.until("the call returns", call::isDone);
            assertFalse(WorkerProcesses.alive(worker));
        }
    }

    /** What it is when all workers are there, and do nothing; once it is as expected, if it ever is. */
    private Use settled(Use expected) {
        Patience.until("all workers are there", () -> {
            Use use = Use.now();
            return use.workers == WORKERS && isolated.ready() == WORKERS && (expected == null || use.equals(expected));
        });
        return Use.now();
    }

    private record Use(long workers, long descriptors, long threads) {
        private static Use now() {
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                return new Use(WorkerProcesses.ofThisJvm().count(), files.count(), Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("hangup-isolated"))
                        .count());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

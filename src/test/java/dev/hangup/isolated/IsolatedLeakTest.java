package dev.hangup.isolated;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Processes;
import dev.hangup.testing.Repetitions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** After many workers were killed, processes, descriptors and threads are what they were. {@code -Dhangup.kills=1000} */
class IsolatedLeakTest {
    private static final int KILLS = Repetitions.of("hangup.kills", 5, 30);
    private static final int WARM_UPS = 3;
    private static final int WORKERS = 2;
    private static final int SPAWNERS = 1;

    private final Isolated isolated = WorkerProcesses.patient().size(WORKERS).build();

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
            System.out.println(KILLS + " kills: before " + before + ", after " + settled(before));
        }
        assertEquals(0, WorkerProcesses.ofThisJvm().count());
    }

    private void killOne() {
        try (Logged output = Logged.by(WorkerOutput.class.getName())) {
            FutureTask<byte[]> call = new FutureTask<>(() -> isolated.call(Tasks.NativeSleep.class, Tasks.bytes("600")));
            Thread caller = Thread.startVirtualThread(call);
            long worker = WorkerProcesses.awaitBegun(output);
            caller.interrupt();
            Await.until("the call returns", call::isDone);
            assertFalse(Processes.alive(worker));
        }
    }

    /**
     * What it is when all workers are there, and do nothing; once there are no more descriptors than before, if that is ever
     * so. There may be fewer: tests that ran earlier have left some to the garbage collector.
     */
    private Use settled(Use before) {
        AtomicReference<Use> use = new AtomicReference<>();
        try {
            Await.untilBegun("all is as before", () -> {
                // first: while others are still to come, what is counted one after the other was never there at one time
                boolean complete = isolated.ready() == WORKERS;
                use.set(Use.now());
                return complete && use.get().workers == WORKERS && use.get().threads == WORKERS + SPAWNERS
                        && (before == null || use.get().descriptors <= before.descriptors);
            });
        } catch (AssertionError e) {
            throw new AssertionError("Before there was " + before + ", now there is " + use, e);
        }
        return use.get();
    }

    /** Descriptors are those of pipes and sockets: of files, the JVM opens some when it first needs a class. */
    private record Use(long workers, long descriptors, long threads) {
        private static Use now() {
            return new Use(WorkerProcesses.ofThisJvm().count(), Usage.openSockets() + Usage.pipes(),
                           Thread.getAllStackTraces().keySet().stream()
                                   .filter(thread -> thread.getName().startsWith("hangup-isolated"))
                                   .count());
        }
    }
}

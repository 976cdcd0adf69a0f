package dev.hangup.isolated;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.testing.Await;
import dev.hangup.testing.OtherProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

/** Workers that are started, or not. */
class WorkerLauncherTest {
    /** The archive is made while they start. */
    private static final int MANY = 200;

    @TempDir
    private Path folder;

    @Test
    void nothingIsLeftOfAWorkerWhoseOutputNobodyCanRead() throws Exception {
        AtomicInteger threads = new AtomicInteger();
        ThreadFactory firstFails = work -> threads.getAndIncrement() == 0 ? new NoThread() : new Thread(work);
        // no worker ends for want of orders meanwhile
        IsolatedConfig config = WorkerProcesses.patient().archive(false).buildPrototype();
        try (WorkerLauncher launch = new WorkerLauncher(config, firstFails)) {
            assertThrows(OutOfMemoryError.class, launch::start);
            Await.until("its process has ended", () -> WorkerProcesses.ofThisJvm().count() == 0);
            byte[] input = {1};
            assertArrayEquals(input, launch.start().call(Tasks.Echo.class.getName(), input));
        }
        assertEquals(0, WorkerProcesses.ofThisJvm().count());
    }

    @Test
    void laterWorkersTakeTheirClassesFromAnArchive() throws Exception {
        try (Isolated isolated = WorkerProcesses.patient()
                .size(1)
                .addOption("-Xlog:class+load:file=" + folder.resolve("%p"))
                .build()) {
            for (int i = 0; i < MANY; i++) {
                if (isFromArchive(Tasks.number(isolated.call(Tasks.Pid.class, new byte[0])))) {
                    return;
                }
                assertThrows(WorkerEndedException.class, () -> isolated.call(Tasks.Exit.class, Tasks.bytes("0")));
            }
            fail("There is no archive after " + MANY + " workers");
        }
    }

    /** On Linux, the JDK looks at a file of the process before it signals it. */
    @Test
    void processThatCannotBeKilledForWantOfADescriptorIsKilledLater() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        AtomicInteger tries = new AtomicInteger();
        ProcessHandle unkillable = (ProcessHandle) Proxy.newProxyInstance(
                ProcessHandle.class.getClassLoader(), new Class<?>[] {ProcessHandle.class}, (proxy, method, arguments) -> false);
        WorkerLauncher.kill(new OtherProcess(process) {
            @Override
            public ProcessHandle toHandle() {
                return tries.incrementAndGet() < 3 ? unkillable : process.toHandle();
            }
        });
        assertTrue(process.waitFor(Await.TIME.toSeconds(), TimeUnit.SECONDS), "it ends");
        assertEquals(3, tries.get());
    }

    private boolean isFromArchive(long worker) throws IOException {
        return Files.readAllLines(folder.resolve(String.valueOf(worker))).stream()
                .anyMatch(line -> line.contains(WorkerMain.class.getName() + " source: shared objects file"));
    }

    /** As if there were too many already. */
    private static final class NoThread extends Thread {
        @Override
        public void start() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }
}

package dev.hangup.process;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A JVM that exits while a command runs: it waits until that has ended, or was killed. */
class CommandExitTest {
    @TempDir
    private Path folder;

    @Test
    void takesItsCommandsWithIt() throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                             "--enable-preview", "-cp", System.getProperty("java.class.path"),
                                             Exiting.class.getName(), folder.toString()).inheritIO().start();
        assertEquals(0, process.waitFor());
        Journal journal = new Journal(folder);
        assertTrue(journal.lines().contains("asked"), journal.lines().toString());
        assertFalse(journal.lives("root"));
    }

    /** What that JVM runs. */
    static final class Exiting {
        private Exiting() {
        }

        public static void main(String[] args) throws Exception {
            Journal journal = new Journal(Path.of(args[0]));
            Command deaf = journal.script("trap 'echo asked >> $1' TERM; echo \"root $$\" >> $1; while :; do sleep 0.01; done")
                    .grace(Duration.ofMillis(300))
                    .build();
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    deaf.run();
                } catch (Exception e) {
                    // the JVM exits
                }
            });
            journal.pid("root");
        }
    }
}

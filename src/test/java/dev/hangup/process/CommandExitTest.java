package dev.hangup.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.hangup.testing.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** A JVM that exits while a command runs: that is asked to end, and the JVM waits until it has. */
class CommandExitTest {
    @TempDir
    private Path folder;

    @Test
    void takesItsCommandsWithIt() throws Exception {
        Process process = ChildJvm.running(Exiting.class, List.of(), folder.toString()).inheritIO().start();
        assertEquals(0, process.waitFor());
        Journal journal = new Journal(folder);
        assertEquals(List.of("asked", "tidied up"), journal.lines().subList(1, journal.lines().size()));
        assertFalse(journal.lives("root"));
    }

    /** What that JVM runs. */
    static final class Exiting {
        private Exiting() {
        }

        public static void main(String[] args) throws Exception {
            Journal journal = new Journal(Path.of(args[0]));
            Command slow = journal.script("trap 'echo asked >> $1; sleep 0.2; echo tidied up >> $1; exit' TERM; "
                                                  + "echo \"root $$\" >> $1; while :; do sleep 0.01; done")
                    .grace(Duration.ofMinutes(1))
                    .build();
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    slow.run();
                } catch (Exception e) {
                    // the JVM exits
                }
            });
            journal.pid("root");
        }
    }
}

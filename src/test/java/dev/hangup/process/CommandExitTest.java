package dev.hangup.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;

import io.helidon.Main;

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

    /** The server of a JVM that exits may serve for a while: for the shutdown delay, and until its requests have ended. */
    @Test
    void firstCommandOfAJvmThatExitsDoesNotWaitForItsServers() throws Exception {
        Process process = ChildJvm.running(ExitingServer.class, List.of()).redirectErrorStream(true).start();
        assertEquals(List.of("the command has ended"),
                     process.inputReader().lines().filter(it -> it.startsWith("the command")).toList());
        assertEquals(0, process.waitFor());
    }

    /** A JVM whose first command begins while it exits. */
    static final class ExitingServer {
        private ExitingServer() {
        }

        public static void main(String[] args) {
            Main.addShutdownHandler(() -> {
                Thread command = Thread.ofVirtual().start(() -> {
                    try {
                        Command.of("true").run();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                try {
                    command.join(Await.TIME);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                System.out.println("the command " + (command.isAlive() ? "waits" : "has ended"));
            });
            System.exit(0);
        }
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

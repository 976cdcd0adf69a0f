package dev.hangup.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processes that this JVM may not have started, as the operating system shows them. */
public final class Processes {
    private Processes() {
    }

    /** Whether there is such a process, ended or not: one of this JVM's that nobody has waited for counts. */
    public static boolean alive(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    /** Whether a process has ended and nobody has waited for it. */
    public static boolean isZombie(long pid) {
        try {
            String status = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return status.charAt(status.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return true;
        }
    }

    /** Waits for the end of a process that is not this JVM's; whoever inherits it may leave it a zombie. */
    public static void awaitEndOfStranger(long pid) {
        Await.until("process " + pid + " has ended", () -> !alive(pid) || isZombie(pid));
    }

    /** Sends a signal, named without SIG. */
    public static void signal(long pid, String name) {
        try {
            new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).inheritIO().start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

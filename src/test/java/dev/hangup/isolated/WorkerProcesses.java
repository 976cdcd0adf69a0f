package dev.hangup.isolated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;

/** The processes of workers, as the operating system and the log tell of them. */
final class WorkerProcesses {
    private static final String PREFIX = "Worker ";

    private WorkerProcesses() {
    }

    /** Workers that may take their time to start: how fast they do is no test's concern. */
    static IsolatedConfig.Builder patient() {
        return Isolated.builder().startTimeout(Duration.ofMinutes(1));
    }

    /** Those that this JVM has started, zombies too. Tells them by their program: the JDK knows no long command lines. */
    static LongStream ofThisJvm() {
        return ProcessHandle.current().children()
                .filter(it -> it.info().command().map(command -> command.endsWith("/java")).orElseGet(() -> isZombie(it.pid())))
                .mapToLong(ProcessHandle::pid);
    }

    /** Whether there is such a process, ended or not: one of this JVM's that nobody has waited for counts. */
    static boolean alive(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    /** Waits for the end of a process that is not this JVM's; who inherits it may leave it a zombie. */
    static void awaitEndOfStranger(long pid) {
        Await.until("process " + pid + " has ended", () -> !alive(pid) || isZombie(pid));
    }

    private static boolean isZombie(long pid) {
        try {
            String status = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return status.charAt(status.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return true;
        }
    }

    /** Waits until a process is gone. */
    static void awaitEnd(long pid) {
        Await.until("process " + pid + " is gone", () -> !alive(pid));
    }

    /** Waits until the given number of tasks have begun that say so. */
    static void awaitBegun(Logged output, int times) {
        Await.untilBegun(times + " tasks have begun", () -> begun(output).count() >= times);
    }

    /** Waits until a task has begun that says so; the process that it is in. */
    static long awaitBegun(Logged output) {
        awaitBegun(output, 1);
        return begun(output).findFirst().orElseThrow();
    }

    /** The processes of all tasks that have begun and say so. */
    static LongStream begun(Logged output) {
        return output.trail().events().stream()
                .filter(line -> line.endsWith(Tasks.BEGUN))
                .mapToLong(line -> Long.parseLong(line.substring(PREFIX.length(), line.indexOf(':'))));
    }
}

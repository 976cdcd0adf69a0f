package dev.hangup.isolated;

import java.time.Duration;
import java.util.stream.LongStream;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Processes;

/** The processes of workers, as the operating system and the log tell of them. */
final class WorkerProcesses {
    private static final String PREFIX = "Worker ";

    private WorkerProcesses() {
    }

    /** Workers that may take their time to start: how fast they do is no test's concern. */
    static IsolatedConfig.Builder patient() {
        return Isolated.builder().startTimeout(Duration.ofMinutes(1)).addOption("-XX:TieredStopAtLevel=1");
    }

    /** Those that this JVM has started, zombies too. Tells them by their program: the JDK knows no long command lines. */
    static LongStream ofThisJvm() {
        return ProcessHandle.current().children()
                .filter(it -> it.info().command().map(command -> command.endsWith("/java"))
                        .orElseGet(() -> Processes.isZombie(it.pid())))
                .mapToLong(ProcessHandle::pid);
    }

    /** Waits until a process is gone. */
    static void awaitEnd(long pid) {
        Await.until("process " + pid + " is gone", () -> !Processes.alive(pid));
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

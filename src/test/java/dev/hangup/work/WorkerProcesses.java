package dev.hangup.work;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

import dev.hangup.testing.Logged;
import dev.hangup.testing.Patience;

/** The processes of workers, as the operating system and the log tell of them. */
final class WorkerProcesses {
    private static final String PREFIX = "Worker ";

    private WorkerProcesses() {
    }

    /** Those that this JVM has started. */
    static LongStream ofThisJvm() {
        return ProcessHandle.current().children()
                .filter(it -> Optional.of(it.info()).flatMap(ProcessHandle.Info::arguments)
                        .filter(arguments -> Arrays.asList(arguments).contains(WorkerMain.class.getName()))
                        .isPresent())
                .mapToLong(ProcessHandle::pid);
    }

    static boolean alive(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    static void awaitEnd(long pid) {
        Patience.until("process " + pid + " is gone", () -> !alive(pid));
    }

    /** Waits until the given number of tasks have begun that say so. */
    static void awaitBegun(Logged output, int times) {
        Patience.until(times + " tasks have begun", () -> begun(output).count() >= times);
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

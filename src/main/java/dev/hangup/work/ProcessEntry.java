package dev.hangup.work;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A process as {@code /proc} of Linux has it (proc_pid_stat(5)). Read by streams: a channel would be closed by an interrupt.
 *
 * @param id      which process it is
 * @param ended   whether it only waits for its parent to take notice of its end
 * @param parent  process id of its parent
 * @param session process id of the one that began its session
 */
record ProcessEntry(Id id, boolean ended, long parent, long session) {
    private static final File PROC = new File("/proc");
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int THREADS = 17;
    private static final int START = 19;

    /** This JVM's, if there is such a thing here. */
    static Optional<ProcessEntry> self() {
        return read(ProcessHandle.current().pid());
    }

    /** The numbers of all processes, lowest first. */
    static List<Long> pids() {
        String[] names = PROC.list((folder, name) -> Character.isDigit(name.charAt(0)));
        return names == null ? List.of() : Arrays.stream(names).map(Long::valueOf).toList();
    }

    /** Empty if there is none (any more). */
    static Optional<ProcessEntry> read(long pid) {
        String stat = content(pid, "stat");
        // the program's name comes before, in parentheses, and may be anything
        int end = stat.lastIndexOf(')');
        if (end < 0) {
            return Optional.empty();
        }
        String[] fields = stat.substring(end + 2).split(" ");
        // a process whose first thread has ended looks as if it had
        boolean ended = "ZX".contains(fields[STATE]) && Long.parseLong(fields[THREADS]) <= 1;
        return Optional.of(new ProcessEntry(new Id(pid, Long.parseLong(fields[START])), ended, Long.parseLong(fields[PARENT]),
                                            Long.parseLong(fields[SESSION])));
    }

    /** What it was started with; nothing if that may not be read. */
    String environment() {
        return content(id.pid, "environ");
    }

    private static String content(long pid, String file) {
        try (FileInputStream input = new FileInputStream("/proc/" + pid + "/" + file)) {
            return new String(input.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * One process, and no other that gets its number after it.
     *
     * @param pid   its number
     * @param start when it began, in the system's ticks
     */
    record Id(long pid, long start) {
    }
}

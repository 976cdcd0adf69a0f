package dev.hangup.process;

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
 * @param group   process id of the one that began its group
 * @param session process id of the one that began its session
 */
record ProcessEntry(Id id, boolean ended, long parent, long group, long session) {
    private static final File PROC = new File("/proc");
    private static final int PARENT = 0;
    private static final int GROUP = 1;
    private static final int SESSION = 2;
    private static final int THREADS = 16;
    private static final int START = 18;

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
        // it is shorter than this
        byte[] stat = new byte[1024];
        int length;
        try (FileInputStream input = open(pid, "stat")) {
            length = input.read(stat);
        } catch (IOException e) {
            return Optional.empty();
        }
        // the program's name comes before, in parentheses, and may be anything
        int end = length;
        while (end > 0 && stat[end - 1] != ')') {
            end--;
        }
        if (end == 0) {
            return Optional.empty();
        }
        byte state = stat[end + 1];
        long[] fields = numbers(stat, end + 3, length);
        // a process whose first thread has ended looks as if it had
        boolean ended = (state == 'Z' || state == 'X') && fields[THREADS] <= 1;
        return Optional.of(new ProcessEntry(new Id(pid, fields[START]), ended, fields[PARENT], fields[GROUP], fields[SESSION]));
    }

    /** The numbers after the state: some are negative, but none of those that are looked at. */
    private static long[] numbers(byte[] stat, int from, int to) {
        long[] numbers = new long[START + 1];
        int field = 0;
        for (int i = from; i < to && field <= START; i++) {
            if (stat[i] == ' ') {
                field++;
            } else {
                numbers[field] = 10 * numbers[field] + stat[i] - '0';
            }
        }
        return numbers;
    }

    /** Whether it began its session. */
    boolean leads() {
        return id.pid == session;
    }

    /** What it was started with; nothing if that may not be read. */
    String environment() {
        try (FileInputStream input = open(id.pid, "environ")) {
            return new String(input.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static FileInputStream open(long pid, String file) throws IOException {
        return new FileInputStream("/proc/" + pid + "/" + file);
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

package dev.hangup.process;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The entry of a process in Linux's {@code /proc} (proc_pid_stat(5)). It is read with streams, since an interrupt would close a
 * channel.
 *
 * @param id      the process
 * @param ended   whether it has ended and only waits to be reaped by its parent
 * @param parent  process id of its parent
 * @param group   process id of the leader of its group
 * @param session process id of the leader of its session
 */
record ProcessEntry(Id id, boolean ended, long parent, long group, long session) {
    private static final File PROC = new File("/proc");
    private static final int PARENT = 0;
    private static final int GROUP = 1;
    private static final int SESSION = 2;
    private static final int THREADS = 16;
    private static final int START = 18;

    /** Returns the entry of this JVM; empty if there is no {@code /proc}. */
    static Optional<ProcessEntry> self() {
        try {
            return read(ProcessHandle.current().pid());
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns the numbers of all processes, lowest first.
     *
     * @throws UncheckedIOException if they cannot be listed
     */
    static List<Long> pids() {
        String[] names = PROC.list((folder, name) -> Character.isDigit(name.charAt(0)));
        if (names == null) {
            throw new UncheckedIOException(new IOException("Cannot list " + PROC));
        }
        return Arrays.stream(names).map(Long::valueOf).toList();
    }

    /**
     * Returns the entry of a process; empty if the process does not exist or has been reaped.
     *
     * @throws UncheckedIOException if no entry can be read, since no file descriptor is free
     */
    static Optional<ProcessEntry> read(long pid) {
        // the file is shorter than this
        byte[] stat = new byte[1024];
        int length;
        try (FileInputStream input = open(pid, "stat")) {
            length = input.read(stat);
        } catch (IOException e) {
            ensureReadable();
            return Optional.empty();
        }
        // preceded by the program's name in parentheses, which may contain any character
        int end = length;
        while (end > 0 && stat[end - 1] != ')') {
            end--;
        }
        if (end == 0) {
            return Optional.empty();
        }
        byte state = stat[end + 1];
        long[] fields = numbers(stat, end + 3, length);
        // a process whose first thread has ended looks as though it had ended
        boolean ended = (state == 'Z' || state == 'X') && fields[THREADS] <= 1;
        return Optional.of(new ProcessEntry(new Id(pid, fields[START]), ended, fields[PARENT], fields[GROUP], fields[SESSION]));
    }

    /** Parses the numbers after the state. Some are negative, but none of those that are used. */
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

    /** Returns whether the process leads its session. */
    boolean leads() {
        return id.pid == session;
    }

    /**
     * Returns the initial environment; empty if it may not be read.
     *
     * @throws UncheckedIOException if none can be read, since no file descriptor is free
     */
    String environment() {
        try (FileInputStream input = open(id.pid, "environ")) {
            return new String(input.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            ensureReadable();
            return "";
        }
    }

    /** Called when a file cannot be read. The JDK reports all reasons by the same exception, with a text in the user's language. */
    private static void ensureReadable() {
        try {
            open(ProcessHandle.current().pid(), "stat").close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileInputStream open(long pid, String file) throws IOException {
        return new FileInputStream("/proc/" + pid + "/" + file);
    }

    /**
     * Identifies one process, even if its number is reused.
     *
     * @param pid   its number
     * @param start its start time, in the system's ticks
     */
    record Id(long pid, long start) {
    }
}

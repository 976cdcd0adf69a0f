package dev.hangup.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is found of a tree where there is no {@code setsid} program, and where there is no {@code /proc} either. */
class ProcessTreeTest {
    private static final String MARK = "the mark of this tree";

    @TempDir
    private Path folder;

    @Test
    void withoutASessionOfItsOwnOrphansAreFoundByTheirMark() throws Exception {
        Journal journal = new Journal(folder);
        Process root = start(journal, "sh -c 'sleep 60 & echo \"left $!\" > $0' $1 & sleep 60");
        assertTrue(journal.lives("left"));
        new TreeTermination(root, new LinuxTree(root, MARK, false), Duration.ofSeconds(10)).run();
        assertFalse(journal.lives("left"));
        assertFalse(root.isAlive());
    }

    @Test
    void withoutASessionOfItsOwnTheJvmsOthersAreLeftAlone() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();
        Process root = start(new Journal(folder), "sleep 60");
        new TreeTermination(root, new LinuxTree(root, MARK, false), Duration.ofSeconds(10)).run();
        assertFalse(root.isAlive());
        assertTrue(other.isAlive());
        other.destroy();
    }

    @Test
    void whereNothingElseIsToldAboutProcessesChildrenAreFound() throws Exception {
        Journal journal = new Journal(folder);
        Process root = start(journal, "sh -c 'sleep 60 & echo \"left $!\" > $0; wait' $1 & wait");
        long left = journal.pid("left");
        PortableTree tree = new PortableTree(root);
        List<Long> living = tree.living().stream().map(ProcessHandle::pid).toList();
        assertEquals(3, living.size());
        assertEquals(root.pid(), living.getFirst());
        assertTrue(living.contains(left));
        new TreeTermination(root, tree, Duration.ofSeconds(10)).run();
        assertFalse(journal.lives("left"));
        assertFalse(root.isAlive());
    }

    /** While no file descriptor is free, no process can be seen, nor killed. */
    @Test
    void processesThatCannotBeSeenAreKilledOnceTheyCan() throws Exception {
        Process root = new ProcessBuilder("sh", "-c", "trap '' TERM; sleep 60 & wait").start();
        LinuxTree real = new LinuxTree(root, MARK, false);
        AtomicInteger looks = new AtomicInteger();
        long from = System.nanoTime();
        ProcessTree unseen = new ProcessTree() {
            @Override
            public List<ProcessHandle> living() {
                // for longer than processes that cannot be killed are waited for
                if (System.nanoTime() - from < TimeUnit.SECONDS.toNanos(6)) {
                    looks.incrementAndGet();
                    throw new UncheckedIOException(new IOException("Too many open files"));
                }
                return real.living();
            }

            @Override
            public void killAtOnce() {
                real.killAtOnce();
            }
        };
        new TreeTermination(root, unseen, Duration.ZERO).run();
        assertFalse(root.isAlive());
        assertTrue(looks.get() > 1);
    }

    private static Process start(Journal journal, String script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(journal.script(script).line));
        builder.environment().put("MARK", MARK);
        return builder.start();
    }
}

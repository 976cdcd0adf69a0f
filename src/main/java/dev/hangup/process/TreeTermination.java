package dev.hangup.process;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Ends the processes of a command. It asks them to end, and kills the remaining ones after the grace period. It looks again
 * until none is left, since processes may start others meanwhile, and for as long as they cannot be seen. It runs on the thread that waits for the command, and ignores
 * interrupts.
 */
final class TreeTermination {
    private static final System.Logger LOGGER = System.getLogger(TreeTermination.class.getName());
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(16);
    /**
     * The number of rounds of kills after which the remaining processes are assumed to keep starting others, and are killed at
     * once.
     */
    private static final int MAX_KILL_ROUNDS = 3;
    private static final long GIVE_UP = TimeUnit.SECONDS.toNanos(5);

    private final Process root;
    private final ProcessTree tree;
    private final long grace;
    private final Set<ProcessHandle> asked = new HashSet<>();
    /** The processes at the last look. */
    private List<ProcessHandle> living = List.of();
    /** Whether the last look has found all processes. */
    private boolean known;

    TreeTermination(Process root, ProcessTree tree, Duration grace) {
        this.root = root;
        this.tree = tree;
        this.grace = grace.toNanos();
    }

    void run() {
        long start = System.nanoTime();
        long pause = FIRST_PAUSE;
        int kills = 0;
        long firstKill = 0;
        look();
        // the root is gone once the JVM has reaped it
        while (!known || !living.isEmpty() || root.isAlive()) {
            long passed = System.nanoTime() - start;
            // counted from the first kill, however late this thread is
            if (kills > MAX_KILL_ROUNDS && System.nanoTime() - firstKill > GIVE_UP) {
                LOGGER.log(System.Logger.Level.WARNING, "Processes of a command cannot be ended: "
                        + living.stream().map(ProcessHandle::pid).toList());
                return;
            }
            if (passed < grace) {
                living.forEach(this::ask);
            } else if (known) {
                if (kills == 0) {
                    firstKill = System.nanoTime();
                }
                living.forEach(ProcessHandle::destroyForcibly);
                if (++kills > MAX_KILL_ROUNDS) {
                    tree.killAtOnce();
                }
            }
            pause(passed < grace ? Math.min(pause, grace - passed) : pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE);
            look();
        }
    }

    private void look() {
        try {
            living = tree.living();
            known = true;
        } catch (UncheckedIOException e) {
            // no process can be killed either; the next look may succeed
            living = List.of();
            known = false;
        }
    }

    private void ask(ProcessHandle process) {
        if (asked.add(process)) {
            process.destroy();
        }
    }

    private void pause(long nanos) {
        try {
            if (!root.isAlive()) {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } else {
                root.waitFor(nanos, TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            // the process is already ending
        }
    }
}

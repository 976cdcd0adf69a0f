package dev.hangup.internal.server;

import java.util.function.Supplier;

/** That a server is guarded against frozen carriers: from the start of its first socket until the end of its last. */
final class GuardMembership {
    private final Supplier<Runnable> join;
    /** Leaves; {@code null} while there is nothing to leave. Guarded by this. */
    private Runnable leave;

    /**
     * Joins nothing yet: a server may be refused, or never started.
     *
     * @param join joins, and returns what leaves
     */
    GuardMembership(Supplier<Runnable> join) {
        this.join = join;
    }

    /** A socket has started. */
    synchronized void begin() {
        if (leave == null) {
            leave = join.get();
        }
    }

    /** The last socket has stopped. */
    synchronized void end() {
        if (leave != null) {
            leave.run();
            leave = null;
        }
    }
}

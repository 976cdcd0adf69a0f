package dev.hangup.internal.server;

import java.util.function.Supplier;

/**
 * The registration of a server with the guard against frozen carriers, from the start of its first socket to the end of its last.
 */
final class GuardMembership {
    private final Supplier<Runnable> join;
    /** Ends the registration; {@code null} while there is none. Guarded by this. */
    private Runnable leave;

    /**
     * Does not register yet, since a server may be refused or never started.
     *
     * @param join registers, and returns an action that ends the registration
     */
    GuardMembership(Supplier<Runnable> join) {
        this.join = join;
    }

    /** Called when a socket has started. */
    synchronized void begin() {
        if (leave == null) {
            leave = join.get();
        }
    }

    /** Called when the last socket has stopped. */
    synchronized void end() {
        if (leave != null) {
            leave.run();
            leave = null;
        }
    }
}

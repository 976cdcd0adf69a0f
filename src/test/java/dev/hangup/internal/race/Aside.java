package dev.hangup.internal.race;

import java.util.concurrent.Callable;

/** Something else that happens in a request while its work goes on. */
public final class Aside {
    private Aside() {
    }

    /**
     * Does the one on a thread beside, where it belongs to the same race, and the other on the calling thread. Returns when
     * both have ended; what they throw is lost.
     */
    public static void of(Callable<?> beside, Callable<?> work) {
        new Scope().runConcurrently("aside", Thread.ofVirtual().factory(), () -> quietly(beside), () -> quietly(work));
    }

    private static void quietly(Callable<?> work) {
        try {
            work.call();
        } catch (Exception e) {
            // such as that the work was stopped
        }
    }
}

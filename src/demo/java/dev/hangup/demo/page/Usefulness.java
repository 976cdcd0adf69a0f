package dev.hangup.demo.page;

import java.util.Locale;

/**
 * The usefulness of the time of a piece of work, in the terms of {@code hangup.work.useful} and {@code hangup.work.wasted}. All
 * of its time counts as one or the other once that is known. Work that failed by itself counts as neither.
 */
enum Usefulness {
    /** Its response was delivered. */
    USEFUL,
    /** Its response reached nobody, or will reach nobody. */
    WASTED,
    /** Not known: plain Helidon does not notice disconnects, and the page did not start the work. */
    UNKNOWN,
    /** The work runs, and a client waits for it. */
    PENDING;

    /** Returns the name that the page uses. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

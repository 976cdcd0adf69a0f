package dev.hangup.demo.page;

import java.util.Locale;

/**
 * What became of the time of a piece of work, in the terms of {@code hangup.work.useful} and {@code hangup.work.wasted}: all of
 * its time counts as the one or the other, as soon as it is known as which. Work that failed by itself counts as neither.
 */
enum Usefulness {
    /** Its answer was given. */
    USEFUL,
    /** Its answer reached nobody, or will reach nobody. */
    WASTED,
    /** Plain Helidon does not notice that a client leaves, and the page did not start it. */
    UNKNOWN,
    /** It runs, and somebody waits for it. */
    PENDING;

    /** As the page spells it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

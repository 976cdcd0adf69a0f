package dev.hangup.demo.page;

import java.util.Locale;

/** Whether a client waits for a piece of work. */
enum Waiting {
    SOMEBODY,
    /** Not known: plain Helidon cannot tell, and the page did not start the work. */
    UNKNOWN,
    NOBODY;

    /** Returns the name that the page uses. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

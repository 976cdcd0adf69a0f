package dev.hangup.demo.page;

import java.util.Locale;

/** Whether somebody waits for a piece of work. */
enum Waiting {
    SOMEBODY,
    /** Plain Helidon can't tell, and nobody has told the page. */
    UNKNOWN,
    NOBODY;

    /** As the page spells it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

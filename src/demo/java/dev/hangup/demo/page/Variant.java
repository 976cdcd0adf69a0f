package dev.hangup.demo.page;

import java.util.Locale;

/** The two variants of each kind of work. */
enum Variant {
    /** On plain Helidon, which does not know whether the client is still there. */
    BARE,
    /** Under Hangup. */
    HANGUP;

    /** Returns the name that the page uses. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

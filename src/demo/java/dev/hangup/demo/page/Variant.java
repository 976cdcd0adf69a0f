package dev.hangup.demo.page;

import java.util.Locale;

/** The two ways in which the demo has all of its work. */
enum Variant {
    /** As on any Helidon server: nobody knows whether the client is still there. */
    BARE,
    /** Under Hangup. */
    HANGUP;

    /** As the page spells it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

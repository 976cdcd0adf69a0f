package dev.hangup.storm;

import java.util.Locale;

/** One of the servers that the storm is let loose on. */
enum Series {
    /** Plain Helidon: a pool of as many threads, and its queue. */
    NO_CONTEXT("/no-context"),
    /** The same work under Hangup. */
    WITH_CONTEXT("/with-context"),
    /** Under Hangup, and coalesced and cached. */
    SHARED("/with-context, coalesced and cached");

    private final String title;

    Series(String title) {
        this.title = title;
    }

    /** The path of its route. */
    String path() {
        return "/" + name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }
}

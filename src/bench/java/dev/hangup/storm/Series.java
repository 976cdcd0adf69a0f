package dev.hangup.storm;

import java.util.List;
import java.util.Locale;

/** One of the servers that the storm is let loose on. */
enum Series {
    /** Plain Helidon: a pool of as many threads, and its queue. */
    NO_CONTEXT("/no-context"),
    /** The same work under Hangup. */
    WITH_CONTEXT("/with-context"),
    /** Under Hangup, and coalesced and cached. */
    SHARED("/with-context, coalesced and cached"),
    /** The same, and the replicas are members of one cluster. */
    CLUSTERED("the same, in a cluster");

    /** On one server. */
    static final List<Series> OF_ONE = List.of(NO_CONTEXT, WITH_CONTEXT, SHARED);
    /** On several replicas of it. */
    static final List<Series> OF_REPLICAS = List.of(values());

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

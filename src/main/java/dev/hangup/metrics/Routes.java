package dev.hangup.metrics;

import java.util.HashSet;
import java.util.Set;

import dev.hangup.outcome.RequestEnd;

/** What routes are called in labels: whatever clients send, there are only so many. Owned by the thread that counts. */
final class Routes {
    static final int AT_MOST = 100;
    static final String NONE = "none";
    static final String OTHER = "other";

    private final Set<String> known = new HashSet<>();

    /** The pattern of a request's route; {@link #NONE} if it had none, {@link #OTHER} if there are too many. */
    String label(RequestEnd end) {
        if (!end.matched()) {
            return NONE;
        }
        // a service that is registered under a path with parameters shows what clients have sent in their place
        if (known.size() < AT_MOST) {
            known.add(end.route());
        }
        return known.contains(end.route()) ? end.route() : OTHER;
    }
}

package dev.hangup.cluster;

import java.util.Locale;

/** How a call to the owner of a key ended. Such a call is shared by all requests of one member for one key. */
public enum RelayOutcome {
    /** The owner sent a result. */
    SUCCEEDED,
    /** The owner sent the failure of its computation, or that it cannot send the result. */
    FAILED,
    /** The owner was gone, unreachable or about to stop, so that the key went to the next member in its order. */
    LOST,
    /** The last request that waited for it was cancelled. */
    CANCELLED;

    /** {@return the name as in metrics, in lower case} */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

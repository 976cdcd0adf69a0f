package dev.hangup.internal.connection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts of what clients of HTTP/2 did that they should not. */
public final class Http2Events {
    private final LongAdder refusedStreams = new LongAdder();
    private final Map<GoAwayCause, LongAdder> goAways = new ConcurrentHashMap<>();

    /** Counts that begin at 0. */
    public Http2Events() {
        for (GoAwayCause cause : GoAwayCause.values()) {
            goAways.put(cause, new LongAdder());
        }
    }

    public void refusedStream() {
        refusedStreams.increment();
    }

    public void goAway(GoAwayCause cause) {
        goAways.get(cause).increment();
    }

    /** How many streams were refused since their connection had as many as it may. */
    public long refusedStreams() {
        return refusedStreams.sum();
    }

    /**
     * How many connections were ended for a cause.
     *
     * @param cause the cause
     * @return read anew each time
     */
    public LongSupplier goAways(GoAwayCause cause) {
        return goAways.get(cause)::sum;
    }
}

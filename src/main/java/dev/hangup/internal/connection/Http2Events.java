package dev.hangup.internal.connection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts misbehaviour of HTTP/2 clients. */
public final class Http2Events {
    private final LongAdder refusedStreams = new LongAdder();
    private final Map<GoAwayCause, LongAdder> goAways = new ConcurrentHashMap<>();

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

    /** The number of streams refused because their connection had reached its limit. */
    public long refusedStreams() {
        return refusedStreams.sum();
    }

    /** Supplies the current number of connections that were ended for a cause. */
    public LongSupplier goAways(GoAwayCause cause) {
        return goAways.get(cause)::sum;
    }
}

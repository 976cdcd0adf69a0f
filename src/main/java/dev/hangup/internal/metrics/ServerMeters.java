package dev.hangup.internal.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

import dev.hangup.internal.connection.GoAwayCause;
import dev.hangup.internal.connection.Http2Events;

import io.helidon.metrics.api.Meter;

/** The metrics of one server that are not those of its requests, in Helidon's global registry. Owned by the server's lifecycle. */
public final class ServerMeters {
    private final List<Runnable> ends = new ArrayList<>();

    /** Registers the meters of a server that has started. */
    public ServerMeters(LongSupplier readAhead, Http2Events http2) {
        ends.add(Sums.gauge("hangup.read.ahead", Optional.of(Meter.BaseUnits.BYTES), "Bytes that were read ahead of handlers",
                            readAhead));
        ends.add(Sums.counter("hangup.http2.streams.refused", "Streams refused because their connection had too many open",
                              http2::refusedStreams));
        for (GoAwayCause cause : GoAwayCause.values()) {
            ends.add(Sums.counter("hangup.http2.goaways", "HTTP/2 connections ended because of an error", http2.goAways(cause),
                                  "cause", cause.toString()));
        }
    }

    /** Registers the meters of a member of a cluster. */
    public void cluster(LongSupplier members, LongSupplier owned, LongSupplier relayed, Map<String, LongSupplier> calls) {
        ends.add(Sums.gauge("hangup.cluster.members", "Members of the cluster that this one sees, itself included", members));
        ends.add(Sums.gauge("hangup.cluster.keys.owned", "Keys that are being computed here", owned));
        ends.add(Sums.gauge("hangup.cluster.keys.relayed", "Keys of other members that requests of this member wait for", relayed));
        calls.forEach((outcome, count) -> ends.add(Sums.counter("hangup.cluster.calls", "Calls to the owners of keys that ended",
                                                                count, "outcome", outcome)));
    }

    /** Called when the server has stopped. */
    public void end() {
        ends.forEach(Runnable::run);
    }
}

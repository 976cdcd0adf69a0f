package dev.hangup.internal.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

import dev.hangup.Deadline;
import dev.hangup.cluster.RelayOutcome;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.internal.time.InterruptWhileWaiting;

/** The calls of a member to the owners of keys, and how they have ended. */
final class OwnerCalls {
    private static final System.Logger LOGGER = System.getLogger(OwnerCalls.class.getName());

    private final RelayWire wire;
    private final View view;
    /** The calls in progress, and the members that are called. Each is added and removed by its thread. */
    private final ConcurrentMap<InterruptWhileWaiting, String> calls = new ConcurrentHashMap<>();
    final RelayCounts counts = new RelayCounts();

    OwnerCalls(RelayWire wire, View view) {
        this.wire = wire;
        this.view = view;
    }

    /** Aborts the calls to members that are gone from the view: the connection to a frozen member would stay open. */
    void abortLost() {
        List<String> members = view.members();
        calls.forEach((call, member) -> {
            if (!members.contains(member)) {
                call.interrupt();
            }
        });
    }

    /** As {@link Cluster#relay}. */
    Optional<RelayResponse> relay(String route, byte[] key, Relay relay, Supplier<Deadline> deadline)
            throws InterruptedException {
        if (key.length > RelayWire.MAX_BYTES) {
            // every member would refuse it
            return Optional.empty();
        }
        Set<String> failed = new HashSet<>();
        Set<String> suspect = new HashSet<>();
        while (true) {
            Optional<String> owner = Owners.of(route, key, view.members(), failed);
            if (owner.isEmpty() || owner.get().equals(view.self())) {
                return Optional.empty();
            }
            String member = owner.get();
            Optional<RelayResponse> response = Optional.empty();
            RelayOutcome outcome = RelayOutcome.LOST;
            InterruptWhileWaiting call = new InterruptWhileWaiting();
            calls.put(call, member);
            try {
                if (view.members().contains(member)) {
                    response = call(member, route, key, relay, deadline);
                    outcome = response.map(RelayResponse::outcome).orElse(outcome);
                    failed.add(member);
                }
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "No response from member " + member, e);
                // tried once more if the member is still in the view: only the connection may have failed
                if (!suspect.add(member)) {
                    failed.add(member);
                }
            } finally {
                calls.remove(call);
                call.end();
            }
            ensureNotCancelled();
            counts.count(outcome);
            if (response.isPresent()) {
                return response;
            }
        }
    }

    private void ensureNotCancelled() throws InterruptedException {
        try {
            OffThreadTask.ensureNotCancelled();
        } catch (InterruptedException e) {
            counts.count(RelayOutcome.CANCELLED);
            throw e;
        }
    }

    private Optional<RelayResponse> call(String member, String route, byte[] key, Relay relay, Supplier<Deadline> deadline) {
        String id = Relay.nextId();
        Deadline latest = relay.target(later -> extend(member, route, id, later), deadline);
        return wire.call(member, route, id, key, latest);
    }

    private boolean extend(String member, String route, String id, Deadline later) throws InterruptedException {
        InterruptWhileWaiting call = new InterruptWhileWaiting();
        calls.put(call, member);
        boolean extended;
        try {
            extended = view.members().contains(member) && wire.extend(member, route, id, later);
        } finally {
            calls.remove(call);
            call.end();
        }
        OffThreadTask.ensureNotCancelled();
        return extended;
    }
}

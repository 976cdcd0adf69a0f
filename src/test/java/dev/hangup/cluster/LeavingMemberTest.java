package dev.hangup.cluster;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import io.helidon.http.HttpException;
import io.helidon.http.Status;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A member whose server begins to stop while it computes for another one. */
class LeavingMemberTest {
    private final Trail trail = new Trail();
    private final AtomicReference<Cluster> leaving = new AtomicReference<>();

    @Test
    void failureOfAMemberThatLeavesIsComputedAgainElsewhere() throws Exception {
        List<Replica> replicas = Replica.start(2, ClusterKeys.generate(), List.of(this::computedHere, this::failsWhenToldTo),
                                               it -> { });
        try {
            // once before, so that all is loaded: the other member must not get to know first that this one leaves
            RawClient failing = relayedFrom(replicas.getFirst(), "warm-up");
            trail.add("fail warm-up");
            assertEquals(503, failing.read().status());
            leaving.set(ClusterRoutes.of(replicas.getLast().server().server()).cluster().orElseThrow());
            RawClient client = relayedFrom(replicas.getFirst(), "key");
            trail.add("fail key");
            assertEquals("computed by 0", client.read().text());
            List<String> events = trail.events();
            assertEquals(List.of("computing key on 1", "fail key", "computing key on 0"),
                         events.subList(events.size() - 3, events.size()));
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    /** A client of the first member that waits for the second: of so many keys, that one owns some. */
    private RawClient relayedFrom(Replica first, String name) {
        for (int i = 0;; i++) {
            RawClient client = first.get(name + "." + i);
            int begun = i + 1;
            trail.awaitAny(it -> count(name) == begun, "it is computed");
            if (trail.events().getLast().equals("computing " + name + " on 1")) {
                return client;
            }
            client.read();
        }
    }

    private int count(String name) {
        return (int) trail.events().stream().filter(it -> it.startsWith("computing " + name)).count();
    }

    private String computedHere(String key) {
        trail.add("computing " + key.split("\\.")[0] + " on 0");
        return "computed by 0";
    }

    private String failsWhenToldTo(String key) throws InterruptedException {
        String name = key.split("\\.")[0];
        trail.add("computing " + name + " on 1");
        trail.awaitInterruptibly("fail " + name);
        if (name.equals("key")) {
            // just before it fails: the other member must not get to know first
            leaving.get().leave();
        }
        throw new HttpException("The server is stopping", Status.SERVICE_UNAVAILABLE_503, true);
    }
}

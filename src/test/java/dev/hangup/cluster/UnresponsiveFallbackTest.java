package dev.hangup.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.outcome.WorkFailure;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnresponsiveEvents;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A computation of a key that another member owns but cannot send is work of the route here, as any other computation. */
class UnresponsiveFallbackTest {
    private static final String ROUTE = "work";

    private final Trail trail = new Trail();
    private final UnresponsiveEvents told = new UnresponsiveEvents(trail);
    private final Thrown thrown = new Thrown();

    @Tag("departure")
    @Test
    void takesUpTheBoundOfItsRouteAndItsExceptionIsReported() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        List<Replica> replicas = new ArrayList<>();
        try {
            for (int port : ports) {
                boolean owner = replicas.isEmpty();
                replicas.add(Replica.start(Replica.cluster(port, ports).tls(keys.tls()).build(),
                                           key -> owner ? "not sent" : compute(key),
                                           it -> it.clustered(ROUTE, Codec.text(), new Unsendable()),
                                           it -> it.unresponsiveAfter(Duration.ofMillis(1)).maxUnresponsive(1).addListener(told)
                                                   .addListener(thrown)));
            }
            Await.untilBegun("two members see each other", () -> replicas.stream().allMatch(it -> it.members() == 2));
            Replica other = replicas.getLast();
            RawClient client = other.get(keyOfFirst("stuck", other));
            trail.await("started");
            client.leave();

            UnresponsiveWork work = nextComputation();
            assertEquals("GET /work/{key} " + Outcome.DISCONNECTED, work.method() + " " + work.route() + " " + work.outcome());
            try (RawClient refused = other.get(keyOfFirst("more", other))) {
                assertEquals(503, refused.read().status());
            }
            trail.add("release");
            trail.await("threw too late, after DISCONNECTED");
            Await.until("the route has room again", () -> {
                try (RawClient again = other.get(keyOfFirst("again", other))) {
                    return again.read().status() == 200;
                }
            });
        } finally {
            trail.add("release");
            replicas.forEach(Replica::close);
        }
    }

    private String compute(String key) {
        if (key.startsWith("stuck")) {
            trail.ignoreInterruptsUntil("release");
            throw new IllegalStateException("too late");
        }
        return "result";
    }

    /** Not the relay, which ends soon after its cancellation. */
    private UnresponsiveWork nextComputation() {
        UnresponsiveWork work = told.next();
        while (work.stack().stream().noneMatch(frame -> frame.getMethodName().equals("ignoreInterruptsUntil"))) {
            work = told.next();
        }
        return work;
    }

    private static String keyOfFirst(String prefix, Replica other) {
        return Stream.iterate(0, it -> it + 1)
                .map(it -> prefix + it)
                .filter(it -> !ClusterRoutes.of(other.server().server()).cluster().orElseThrow()
                        .owns(ROUTE, it.getBytes(StandardCharsets.UTF_8)))
                .findFirst().orElseThrow();
    }

    /** Notes what is thrown when no request waits for it. */
    private final class Thrown implements OutcomeListener {
        @Override
        public void ended(RequestEnd end) {
        }

        @Override
        public void threw(WorkFailure failure) {
            // an InterruptedException, which says that the work was cancelled, has the work's own as its cause
            trail.add("threw " + failure.thrown().getCause().getMessage() + ", after " + failure.outcome());
        }
    }

    private record Unsendable() implements Codec<String> {
        @Override
        public byte[] encode(String value) {
            throw new IllegalStateException("It cannot be encoded");
        }

        @Override
        public String decode(byte[] bytes) throws IOException {
            throw new IOException("None was encoded");
        }
    }
}

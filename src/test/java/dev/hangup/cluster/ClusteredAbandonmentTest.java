package dev.hangup.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Hangup;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that abandon their requests on one member after the other. */
class ClusteredAbandonmentTest {
    private static final int ALLOWED = 3;
    private static final HeaderName CLIENT = HeaderNames.create("Client");

    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void clientIsRefusedByAllForWhatItAbandonsOnAny() throws Exception {
        List<TestServer> members = start(2);
        try (TestServer one = members.get(0); TestServer other = members.get(1); Logged logged = Logged.allBy("dev.hangup")) {
            for (int i = 0; i < ALLOWED; i++) {
                abandon(members.get(i % 2), "/work");
            }
            // the one that has counted fewer of them itself
            assertEquals(503, get(other, "/work"));
            abandon(one, "/work");
            long abandoned = System.nanoTime();
            Await.until("the other refuses it", () -> get(other, "/work") == 429);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - abandoned);
            // tenths of a second, on a machine that is not busy
            assertTrue(millis < 5000, "It took " + millis + " ms");
            assertEquals(429, get(one, "/work"));
            logged.trail().awaitAny(it -> it.startsWith("refused GET /work ") && it.contains(" abandoned=4 scope=cluster for="),
                                    "a refusal for what was abandoned elsewhere");
            assertEquals(503, get(one, "/third"));
            assertEquals(503, get(other, "/third"));
        }
    }

    /** The pattern of a route under configured paths is not known yet when the limiter is asked. */
    @Test
    @Tag("departure")
    void pathThatIsConfiguredIsOneRoute() throws Exception {
        List<TestServer> members = start(2);
        try (TestServer one = members.get(0); TestServer other = members.get(1)) {
            for (int i = 0; i <= ALLOWED; i++) {
                abandon(one, "/configured/" + i + "/same");
                // more than a second later it is no search
                TimeUnit.MILLISECONDS.sleep(i == ALLOWED ? 0 : 1100);
            }
            Await.until("the other refuses it", () -> get(other, "/configured/" + ALLOWED + "/same") == 429);
        }
    }

    @Test
    @Tag("departure")
    void memberThatIsLeftAloneCountsForItself() throws Exception {
        List<TestServer> members = start(2);
        try (TestServer left = members.get(1)) {
            for (int i = 0; i < ALLOWED; i++) {
                abandon(members.get(0), "/work");
            }
            members.get(0).close();
            Await.until("it is alone", () -> members(left) == 1);
            for (int i = 0; i < ALLOWED; i++) {
                abandon(left, "/work");
            }
            assertEquals(503, get(left, "/work"));
            abandon(left, "/work");
            assertEquals(429, get(left, "/work"));
        }
    }

    private List<TestServer> start(int count) throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(count);
        List<TestServer> members = new ArrayList<>();
        for (int port : ports) {
            members.add(TestServer.start(hangup -> hangup
                    .cluster(Replica.cluster(port, ports).tls(keys.tls()).build())
                    .addPath(it -> it.path("/configured/*"))
                    .abandonment(it -> it.mode(AbandonmentMode.REFUSE).abandoned(ALLOWED).window(Duration.ofHours(1))
                            .client(request -> request.headers().first(CLIENT).or(() -> Optional.of("one")))),
                    routing -> routing
                            .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                            .get("/configured/*", (request, response) -> trail.workUntilInterrupted())
                            .get("/third", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                            .get("/other", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))));
        }
        members.forEach(it -> Await.untilBegun(count + " members", () -> members(it) == count));
        // they agree on a key a moment after they have met
        Await.untilBegun("they count together", () -> {
            String client = "Client: " + UUID.randomUUID() + "\r\n";
            for (int i = 0; i <= ALLOWED; i++) {
                abandon(members.getFirst(), "/other", client);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            return get(members.getLast(), "/other", client) == 429;
        });
        return members;
    }

    private static int members(TestServer member) {
        return ClusterRoutes.of(member.server()).cluster().map(it -> it.status().members().size()).orElse(0);
    }

    private void abandon(TestServer member, String path, String... headers) {
        int before = Collections.frequency(trail.events(), "started");
        try (RawClient client = member.connect()) {
            client.get(path, headers);
            trail.await("started", before + 1);
        }
        member.nextEnd(it -> it.outcome() == Outcome.DISCONNECTED);
    }

    /** The status, 503 if the request was admitted. */
    private static int get(TestServer member, String path, String... headers) {
        try (RawClient client = member.connect()) {
            return client.get(path, "X-Request-Timeout-Ms: 1\r\n" + String.join("", headers)).read().status();
        }
    }
}

package dev.hangup.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnresponsiveEvents;

import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** An owner with a relayed computation of one route that goes on although its client has left. */
class UnresponsiveOwnerTest {
    private final Trail trail = new Trail();
    private final UnresponsiveEvents reported = new UnresponsiveEvents(trail);
    private final List<TestServer> members = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        for (int port : ports) {
            int member = members.size();
            members.add(TestServer.start(
                    it -> it.cluster(Replica.cluster(port, ports).tls(keys.tls()).build())
                            .unresponsiveAfter(Duration.ofMillis(1)).maxUnresponsive(1).addListener(reported),
                    routing -> routing.get("/full/{key}", route("full", member)).get("/free/{key}", route("free", member))));
        }
        Await.untilBegun("two members see each other", () -> members.stream()
                .allMatch(it -> it.hangup().cluster().orElseThrow().members().size() == 2));
        RawClient client = members.getLast().connect().get("/full/" + keyOfFirst("full", "stuck"));
        trail.await("started");
        client.leave();
    }

    @AfterEach
    void stop() {
        trail.add("release");
        members.forEach(TestServer::close);
    }

    @Tag("departure")
    @Test
    void refusesRequestsForThatRouteOnly() {
        Await.until("the bound of the server is reached", () -> get("full").equals("computed by 1"));
        assertEquals("computed by 0", get("free"));
    }

    @Tag("departure")
    @Test
    void reportsItAsWorkOfTheServer() {
        UnresponsiveWork work = reported.next();
        while (work.stack().stream().noneMatch(frame -> frame.getMethodName().equals("ignoreInterruptsUntil"))) {
            work = reported.next();
        }
        assertEquals("POST /{route}/{id}", work.method() + " " + work.route());
        assertTrue(members.getFirst().hangup().unresponsive().stream().anyMatch(it -> it.method().equals("POST")));
    }

    private String get(String route) {
        try (RawClient client = members.getLast().connect().get("/" + route + "/" + keyOfFirst(route, "key"))) {
            return client.read().text();
        }
    }

    private Handler route(String name, int member) {
        return Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(key -> {
                    if (key.startsWith("stuck")) {
                        trail.ignoreInterruptsUntil("release");
                    }
                    return "computed by " + member;
                })
                .clustered(name, Codec.text(), Codec.text())
                .build();
    }

    private String keyOfFirst(String route, String prefix) {
        return Stream.iterate(0, it -> it + 1)
                .map(it -> prefix + it)
                .filter(it -> !ClusterRoutes.of(members.getLast().server()).cluster().orElseThrow()
                        .owns(route, it.getBytes(StandardCharsets.UTF_8)))
                .findFirst().orElseThrow();
    }
}

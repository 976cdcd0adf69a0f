package dev.hangup.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.hangup.coalescing.CoalescedComputation;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Results that an owner cannot send, or that the member that gets them cannot cache. */
class ClusteredResultTest {
    private final Map<String, AtomicInteger> computed = new ConcurrentHashMap<>();

    /** As while a new configuration is rolled out. */
    @Test
    void memberWithoutACacheAnswersWithWhatTheOwnerHasCached() throws Exception {
        AtomicInteger built = new AtomicInteger();
        List<Replica> replicas = start(it -> {
            if (built.getAndIncrement() == 0) {
                it.cacheFor(Duration.ofHours(1));
            }
        });
        try {
            Replica other = replicas.getLast();
            String key = keyOfFirst(other);
            RawClient.Response hit = other.get(key).read();
            assertEquals(200, hit.status());
            assertEquals("hangup; hit", hit.headers().get("cache-status"));
            assertTrue(hit.headers().get("age").matches("\\d+"), hit.headers().toString());
            assertEquals(1, computed.get(key).get());
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    @Test
    void resultThatCannotBeWeighedIsSent() throws Exception {
        List<Replica> replicas = start(it -> it.cacheFor(Duration.ofHours(1)).weighing(result -> {
            throw new IllegalStateException("It cannot be weighed");
        }));
        try {
            keyOfFirst(replicas.getLast());
            assertEquals(List.of(0L, 0L), replicas.stream().map(it -> it.route().cached()).toList());
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exception", "error", "null"})
    void memberComputesForItselfWhatTheOwnerCannotSend(String reason) throws Exception {
        List<Replica> replicas = start(it -> it.clustered("work", Codec.text(), new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return switch (reason) {
                case "error" -> throw new StackOverflowError("It is too deep to be encoded");
                case "exception" -> throw new IllegalStateException("It cannot be encoded");
                default -> null;
                };
            }

            @Override
            public String decode(byte[] bytes) throws IOException {
                throw new IOException("None was encoded");
            }
        }));
        try {
            for (int i = 0; i < 10; i++) {
                RawClient.Response response = replicas.getLast().get("key" + i).read();
                assertEquals(200, response.status());
                assertEquals("computed by 1", response.text());
            }
            long relayed = replicas.getLast().server().hangup().cluster().orElseThrow().calls().get(RelayOutcome.FAILED);
            assertTrue(relayed > 0, "None was relayed");
            assertEquals(10 + relayed, computed.values().stream().mapToInt(AtomicInteger::get).sum());
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    @ParameterizedTest
    @MethodSource
    void failureThatCannotBeSentKeepsItsStatusAndIsNotComputedAgain(HttpException failure) throws Exception {
        CoalescedComputation<String, String> failing = key -> {
            computation(0).compute(key);
            throw failure;
        };
        List<Replica> replicas = Replica.start(2, ClusterKeys.generate(), List.of(failing, failing), it -> { });
        try {
            Replica other = replicas.getLast();
            Cluster cluster = ClusterRoutes.of(other.server().server()).cluster().orElseThrow();
            String key = Stream.iterate(0, it -> it + 1).map(it -> "key" + it)
                    .filter(it -> !cluster.owns("work", it.getBytes(StandardCharsets.UTF_8))).findFirst().orElseThrow();
            assertEquals(409, other.get(key).read().status());
            assertEquals(1, computed.get(key).get());
            assertEquals(1, cluster.status().calls().get(RelayOutcome.FAILED));
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    static Stream<HttpException> failureThatCannotBeSentKeepsItsStatusAndIsNotComputedAgain() {
        return Stream.of(
                new HttpException("a line break", Status.CONFLICT_409).header(HeaderValues.create("Reason", "one\r\ntwo")),
                new HttpException("too much", Status.CONFLICT_409).header(HeaderValues.create("Reason", "x".repeat(20_000))),
                new HttpException("x".repeat(17 * 1024 * 1024), Status.CONFLICT_409),
                new HttpException("no message", Status.CONFLICT_409) {
                    @Override
                    public String getMessage() {
                        throw new IllegalStateException("It has none");
                    }
                },
                new HttpException("no headers", Status.CONFLICT_409) {
                    @Override
                    public Headers headers() {
                        throw new IllegalStateException("It has none");
                    }
                });
    }

    /** The second server has no cluster, and the first one is still a member of its own. */
    @Test
    void routeOfTwoServersIsSharedByTheClusterOfOne() throws Exception {
        List<Replica> replicas = start(it -> { });
        try (TestServer second = TestServer.start(routing -> routing.get("/work/{key}", replicas.getLast().route()))) {
            keyOfFirst(replicas.getLast());
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    private List<Replica> start(Consumer<Coalescing.Builder<String, String>> settings) throws Exception {
        return Replica.start(2, ClusterKeys.generate(), List.of(computation(0), computation(1)), settings);
    }

    private CoalescedComputation<String, String> computation(int member) {
        return key -> {
            computed.computeIfAbsent(key, it -> new AtomicInteger()).incrementAndGet();
            return "computed by " + member;
        };
    }

    /** A key of the first member, after the other one was asked for it. */
    private static String keyOfFirst(Replica other) {
        for (int i = 0; i < 100; i++) {
            RawClient.Response response = other.get("key" + i).read();
            assertEquals(200, response.status());
            if (response.text().equals("computed by 0")) {
                return "key" + i;
            }
        }
        throw new AssertionError("No key is computed by the first member");
    }
}

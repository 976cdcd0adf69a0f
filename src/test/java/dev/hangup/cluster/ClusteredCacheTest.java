package dev.hangup.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.hangup.coalescing.CoalescedComputation;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a member answers with the result of an owner, if it cannot cache it. */
class ClusteredCacheTest {
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
        for (int i = 0;; i++) {
            RawClient.Response response = other.get("key" + i).read();
            assertEquals(200, response.status());
            if (response.text().equals("computed by 0")) {
                return "key" + i;
            }
        }
    }
}

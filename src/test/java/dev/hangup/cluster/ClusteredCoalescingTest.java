package dev.hangup.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.hangup.Deadline;
import dev.hangup.coalescing.CoalescedComputation;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Three members of a cluster in one JVM, which no test ends. Each test has keys of its own. */
class ClusteredCoalescingTest {
    private static final Map<String, Trail> TRAILS = new ConcurrentHashMap<>();
    private static final Map<String, Deadline> DEADLINES = new ConcurrentHashMap<>();
    private static List<Replica> replicas;

    @BeforeAll
    static void start() throws Exception {
        List<CoalescedComputation<String, String>> computations = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int member = i;
            computations.add(key -> compute(key, member));
        }
        replicas = Replica.start(3, ClusterKeys.generate(), computations, it -> it.cacheFor(Duration.ofSeconds(30)));
    }

    @AfterAll
    static void stop() {
        replicas.forEach(Replica::close);
    }

    @Test
    void threeHundredRequestsForTenKeysAreTenComputations() {
        Set<String> keys = IntStream.range(0, 10).mapToObj(it -> "crowd" + it).collect(Collectors.toSet());
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            for (String key : keys) {
                replicas.forEach(it -> clients.add(it.get(key)));
            }
        }
        awaitWaiters(300 + 20);
        keys.forEach(it -> trail(it).add("release"));
        clients.forEach(it -> {
            RawClient.Response response = it.read();
            assertEquals(200, response.status());
            assertTrue(response.text().startsWith("result of crowd"), response.text());
        });
        keys.forEach(it -> assertEquals(1, trail(it).events().stream().filter(event -> event.startsWith("computing")).count()));
        clients.forEach(RawClient::close);
    }

    @Tag("departure")
    @Test
    void lastOneToLeaveAnywhereStopsTheComputation() {
        List<RawClient> clients = replicas.stream().map(it -> it.get("leaving")).toList();
        awaitWaiters("leaving", 3);
        int owner = owner("leaving");
        // the owner's own client first, so that the last one is relayed
        clients.get(owner).leave();
        awaitWaiters("leaving", 2);
        clients.get((owner + 1) % 3).leave();
        awaitWaiters("leaving", 1);
        assertFalse(trail("leaving").events().contains("interrupted"));
        clients.get((owner + 2) % 3).leave();
        trail("leaving").await("interrupted");
        assertEquals(List.of("computing on " + owner, "interrupted"), trail("leaving").events());
    }

    @Test
    void resultsOfTheOwnerServeAllMembersAndAgeOnTheWay() {
        trail("cached").add("release");
        RawClient.Response computed = replicas.get(0).get("cached").read();
        assertEquals("hangup; fwd=miss", computed.headers().get("cache-status"));
        int owner = owner("cached");
        Replica other = replicas.get((owner + 1) % 3);
        for (int i = 0; i < 2; i++) {
            RawClient.Response hit = other.get("cached").read();
            assertTrue(hit.headers().get("cache-status").startsWith("hangup; hit; ttl="), hit.headers().toString());
            assertTrue(hit.headers().containsKey("age"), hit.headers().toString());
        }
        assertEquals(List.of("release", "computing on " + owner), trail("cached").events());
    }

    @Test
    void refusalOfTheOwnerReachesEveryClient() {
        List<RawClient> clients = replicas.stream().map(it -> it.get("overload")).toList();
        awaitWaiters("overload", 3);
        trail("overload").add("release");
        for (RawClient client : clients) {
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals("7", response.headers().get("retry-after"));
        }
        assertEquals(1, trail("overload").events().stream().filter(it -> it.startsWith("computing")).count());
    }

    @Test
    void otherExceptionsReachTheErrorHandlers() {
        trail("broken").add("release");
        assertEquals(List.of(500, 500, 500), replicas.stream().map(it -> it.get("broken").read().status()).toList());
    }

    @Test
    void deadlineIsThatOfTheLatestWaiterWhereverItIs() {
        RawClient first = replicas.get(0).getHurriedly("deadline");
        awaitWaiters("deadline", 1);
        int owner = owner("deadline");
        long before = DEADLINES.get("deadline").remaining().toMillis();
        assertTrue(before <= 9100, () -> "At first: " + before);
        RawClient second = replicas.get((owner + 1) % 3).get("deadline");
        Await.until("the later deadline is told", () -> DEADLINES.get("deadline").remaining().toMillis() > 12_000);
        long after = DEADLINES.get("deadline").remaining().toMillis();
        assertTrue(after <= 30_100, () -> "Then: " + after);
        second.leave();
        first.leave();
        trail("deadline").await("interrupted");
    }

    @Test
    void timeThatAClientAsksForIsNotThatOfTheOwner() {
        int owner = ownerOfIdle("asked");
        RawClient client = replicas.get((owner + 1) % 3).get("asked", Deadline.HEADER + ": 9000\r\n");
        trail("asked").await("computing on " + owner, 2);
        long left = DEADLINES.get("asked").remaining().toMillis();
        assertTrue(left > 9_100 && left <= 30_100, () -> "Left: " + left);
        client.leave();
        trail("asked").await("interrupted", 2);
    }

    @Test
    void deadlineOfARelayedRequestIsKept() {
        int owner = ownerOfIdle("late");
        // on a slow machine the time may be up before the owner has begun
        Await.until("it is computed in time", () -> {
            RawClient.Response late = replicas.get((owner + 1) % 3).get("late", Deadline.HEADER + ": 300\r\n").read();
            assertEquals(503, late.status());
            return countLate("computing") > 1;
        });
        Await.until("each is interrupted", () -> countLate("interrupted") == countLate("computing"));
    }

    private static long countLate(String event) {
        return trail("late").events().stream().filter(it -> it.startsWith(event)).count();
    }

    /** The owner of a key whose first computation is interrupted to find it. */
    private static int ownerOfIdle(String key) {
        RawClient client = replicas.get(0).get(key);
        awaitWaiters(key, 1);
        client.leave();
        trail(key).await("interrupted");
        return owner(key);
    }

    private static int owner(String key) {
        String computing = trail(key).events().stream().filter(it -> it.startsWith("computing")).findFirst().orElseThrow();
        return computing.charAt(computing.length() - 1) - '0';
    }

    private static Trail trail(String key) {
        return TRAILS.computeIfAbsent(key, it -> new Trail());
    }

    /** Waits until a computation has begun and so many requests, of one client each, wait for it; all of them for this key. */
    private static void awaitWaiters(String key, int count) {
        trail(key).awaitAny(it -> it.startsWith("computing"), "computing " + key);
        Await.until(count + " waiters of " + key, () -> replicas.get(owner(key)).route().waiting() == count);
    }

    /** The requests that wait on each member; those that are relayed from one are one more where they wait. */
    private static void awaitWaiters(int count) {
        Await.until(count + " waiters", () -> replicas.stream().mapToInt(it -> it.route().waiting()).sum() == count);
    }

    private static String compute(String key, int member) throws InterruptedException {
        Trail trail = trail(key);
        DEADLINES.put(key, Deadline.current().orElseThrow());
        trail.add("computing on " + member);
        try {
            while (key.equals("deadline")) {
                DEADLINES.put(key, Deadline.current().orElseThrow());
                TimeUnit.MILLISECONDS.sleep(10);
            }
            trail.awaitInterruptibly("release");
        } catch (InterruptedException e) {
            trail.add("interrupted");
            throw e;
        }
        if (key.equals("overload")) {
            throw new HttpException("Too much work", Status.SERVICE_UNAVAILABLE_503, true)
                    .header(HeaderValues.create(HeaderNames.RETRY_AFTER, "7"));
        }
        if (key.equals("broken")) {
            throw new IllegalStateException("broken");
        }
        return "result of " + key;
    }
}

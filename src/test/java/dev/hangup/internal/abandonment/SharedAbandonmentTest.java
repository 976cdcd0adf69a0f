package dev.hangup.internal.abandonment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the members of a cluster count together, of clients whose requests reach one member after the other. */
class SharedAbandonmentTest {
    private static final int MEMBERS = 3;
    private static final int AT_MOST = 100;
    private static final String ROUTE = "GET /search";
    private static final String CLIENT = "192.0.2.7";

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final List<SharedAbandonment> members = new ArrayList<>();

    SharedAbandonmentTest() {
        for (int i = 0; i < MEMBERS; i++) {
            members.add(member());
        }
        members.forEach(it -> it.membersChanged(MEMBERS - 1));
        exchange();
    }

    /** As in {@link ReplacementsTest}, but each request reaches the next member; what is told arrives 100 ms later. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a -a                                              | 1
            # a search of one who types fast, and of one who types slowly
            a -a 100 b -b 100 c -c 100 d -d 100 e             | 0
            a b -a 100 c -b 100 d -c 100 e -d                 | 0
            a -a 500 b -b 500 c -c 500 d -d 500 e             | 0
            a b 800 -a 800 c -b 800 d -c                      | 0
            # too late to be one
            a -a 1100 b                                       | 1
            # retries, whichever is noticed first
            a -a 100 a -a 100 a -a 100 a                      | 3
            a a -a 100 a -a 100 a -a                          | 3
            a -a 100 a 200 b                                  | 1
            # a request replaces one
            a b c d -a -b -c -d                               | 3""")
    void membersCountTogetherWhatNothingReplaces(String events, int abandoned) {
        Map<String, Deque<LimitedRequest>> open = new HashMap<>();
        Map<LimitedRequest, SharedAbandonment> reached = new HashMap<>();
        int next = 0;
        for (String event : events.split(" ")) {
            if (event.startsWith("-")) {
                LimitedRequest request = open.get(event.substring(1)).remove();
                reached.get(request).departed(request);
            } else if (Character.isDigit(event.charAt(0))) {
                pass(100);
                exchange();
                pass(Long.parseLong(event) - 100);
            } else {
                SharedAbandonment member = members.get(next++ % MEMBERS);
                LimitedRequest request = member.arrived(ROUTE, CLIENT, event.hashCode());
                open.computeIfAbsent(event, it -> new ArrayDeque<>()).add(request);
                reached.put(request, member);
            }
        }
        exchange();
        exchange();
        assertEquals(List.of(abandoned, abandoned, abandoned), members.stream().map(this::count).toList());
    }

    /** A retry that reaches one member while the next request reaches another, which does not know of it yet. */
    @Test
    void membersMayDifferByWhatHappensAtOnce() {
        abandon(members.get(0), CLIENT);
        exchange();
        members.get(1).arrived(ROUTE, CLIENT, 1);
        members.get(2).arrived(ROUTE, CLIENT, 2);
        exchange();
        assertEquals(List.of(1, 1, 0), members.stream().map(this::count).toList());
    }

    @Test
    void clientsAndTargetsAreNotToldInClear() {
        abandon(members.getFirst(), "a secret key of a client");
        String told = new String(nextBatch(members.getFirst()), StandardCharsets.ISO_8859_1);
        assertTrue(told.length() > 20);
        assertFalse(told.contains("secret") || told.contains("search"), told);
    }

    @Test
    void oneWhoJoinsAdoptsTheKeyAndCountsFromThenOn() {
        abandon(members.getFirst(), CLIENT);
        exchange();
        // of two keys of the same millisecond, either may be taken for the older one
        long before = System.currentTimeMillis();
        Await.until("its key is younger", () -> System.currentTimeMillis() > before);
        SharedAbandonment late = member();
        abandon(late, CLIENT);
        members.add(late);
        members.forEach(it -> it.membersChanged(members.size() - 1));
        exchange();
        abandon(members.getFirst(), CLIENT);
        exchange();
        assertEquals(List.of(2, 2, 2, 1), members.stream().map(this::count).toList());
    }

    @Test
    void oneWhoIsAloneTellsNothing() {
        SharedAbandonment alone = member();
        assertFalse(alone.isActive());
        members.getFirst().membersChanged(0);
        assertFalse(members.getFirst().isActive());
    }

    @Test
    void whatIsMalformedIsDroppedAndLoggedOnce() {
        abandon(members.getFirst(), CLIENT);
        byte[] good = nextBatch(members.getFirst());
        List<byte[]> malformed = new ArrayList<>(List.of(new byte[0], new byte[] {1}, Arrays.copyOf(good, good.length - 1),
                                                         Arrays.copyOf(good, 1_000_000)));
        // another version, and an event of another kind
        for (int at : List.of(0, 1 + ClientHash.KEY_SIZE)) {
            byte[] changed = good.clone();
            changed[at] = 7;
            malformed.add(changed);
        }
        SharedAbandonment member = members.getLast();
        try (Logged logged = Logged.trouble("dev.hangup")) {
            malformed.forEach(member::received);
            assertEquals(1, logged.trail().events().size(), logged.trail().events().toString());
            assertEquals(0, count(member));
            member.received(good);
            assertEquals(1, count(member));
        }
    }

    @Test
    void whatIsQueuedAndWhatIsSentIsBounded() throws IOException {
        SharedAbandonment member = members.getFirst();
        for (int i = 0; i < 10_000; i++) {
            abandon(member, "client " + i);
        }
        int told = 0;
        while (member.pending() > 0) {
            byte[] batch = nextBatch(member);
            assertTrue(batch.length < 5000, batch.length + " bytes");
            told += AbandonmentBatch.decode(batch, now.get()).events().size();
        }
        assertEquals(1000, told);
        assertTrue(member.windows().size() <= AT_MOST, member.windows().size() + " clients");
    }

    private SharedAbandonment member() {
        return new SharedAbandonment(AbandonmentConfig.builder().maxClients(AT_MOST).build(), now::get);
    }

    private static void abandon(SharedAbandonment member, String client) {
        member.departed(member.arrived(ROUTE, client, 1));
    }

    private int count(SharedAbandonment member) {
        assertTrue(member.windows().find(member.clientRoute("GET /other", CLIENT)).isEmpty());
        return member.windows().find(member.clientRoute(ROUTE, CLIENT)).map(AbandonmentWindows.Window::count).orElse(0);
    }

    private void pass(long millis) {
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** All members receive what all others have to tell, and what they tell in reply. */
    private void exchange() {
        boolean told = true;
        while (told) {
            told = false;
            for (SharedAbandonment member : members) {
                while (member.pending() > 0) {
                    byte[] batch = nextBatch(member);
                    members.stream().filter(it -> it != member).forEach(it -> it.received(batch));
                    told = true;
                }
            }
        }
    }

    private static byte[] nextBatch(SharedAbandonment member) {
        try {
            return member.nextBatch();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

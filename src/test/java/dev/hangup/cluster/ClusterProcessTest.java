package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Members of a cluster in processes of their own, which find each other by a name. The suite has one case; the others run with
 * {@code -Dhangup.cluster=full}.
 */
class ClusterProcessTest {
    private static final String FULL = "full";
    private static final String PROPERTY = "hangup.cluster";
    /** As in Kubernetes, all members have the same port, and addresses of their own. Other systems have one loopback address. */
    private static final boolean BY_NAME = System.getProperty("os.name").equals("Linux");
    private static final String NAME = "members.test";
    private static ClusterKeys keys;

    private final List<Member> members = new ArrayList<>();
    private final List<Integer> ports = BY_NAME ? List.of() : FreePorts.of(3);
    @TempDir
    private Path folder;
    private int port;
    private int goneAfter = 5;

    @BeforeAll
    static void generateKeys() throws Exception {
        keys = ClusterKeys.generate();
    }

    @AfterEach
    void end() {
        members.forEach(Member::close);
    }

    @Test
    void membersComeAndGoWhileComputationsRun() throws Exception {
        // on a busy machine, a member may be silent for seconds, and none freezes here
        goneAfter = 20;
        nameHasAddresses(3);
        Member first = start();
        Member second = start();
        awaitMembers();
        assertMemberThatJoinsComputesOnceMoreWhatMoves(first, second);
        assertWaitersOfAKilledMemberAreGoneSoonerThanASilentMember();
        assertOwnerIsReplacedOnce("lost", "KILL", 15);
    }

    @Test
    @EnabledIfSystemProperty(named = PROPERTY, matches = FULL)
    void ownerThatStopsIsReplacedOnce() throws Exception {
        startThree();
        assertOwnerIsReplacedOnce("stopped", "TERM", 9);
    }

    @Test
    @EnabledIfSystemProperty(named = PROPERTY, matches = FULL)
    void ownerThatIsFrozenIsReplacedAfterGoneAfterAndComesBack() throws Exception {
        startThree();
        List<RawClient> clients = waitingForTheSame("frozen");
        Member owner = owner("frozen");
        owner.signal("STOP");
        // has the owner told of a later deadline, or tries to; the one that the owner knows is 100 ms ahead
        TimeUnit.MILLISECONDS.sleep(200);
        Member other = members.stream().filter(it -> it != owner).findFirst().orElseThrow();
        RawClient later = other.get("frozen");
        long begun = System.nanoTime();
        assertAnsweredByTheOthers(clients, owner, "frozen", 15);
        assertEquals("result of frozen", later.read().text());
        long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        assertTrue(took < 15, "The later one waited for " + took + " s");
        owner.signal("CONT");
        members.forEach(it -> it.awaitView(3));
        waitingForTheSame("again");
    }

    @Test
    @EnabledIfSystemProperty(named = PROPERTY, matches = FULL)
    void laterDeadlineIsThatOfTheComputationWhicheverMemberItComesFrom() throws Exception {
        startThree();
        Member owner = ownerOfIdle("timely");
        Member other = members.stream().filter(it -> it != owner).findFirst().orElseThrow();
        for (List<Member> order : List.of(List.of(owner, other), List.of(other, owner), List.of(other, other))) {
            int before = owner.computed("timely");
            RawClient first = order.getFirst().getHurriedly("timely");
            Await.until("it computes", () -> owner.computed("timely") == before + 1);
            RawClient second = order.getLast().get("timely");
            assertEquals(503, first.read().status());
            assertEquals("result of timely", second.read().text());
            assertEquals(before + 1, members.stream().mapToInt(it -> it.computed("timely")).sum());
        }
    }

    @Test
    @EnabledIfSystemProperty(named = PROPERTY, matches = FULL)
    void refusalOfAnOverloadedOwnerReachesAllClients() throws Exception {
        startThree();
        for (RawClient client : waitingForTheSame("full")) {
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals("7", response.headers().get("retry-after"));
        }
        assertEquals(1, members.stream().mapToInt(it -> it.computed("full")).sum());
    }

    @Test
    @EnabledIfSystemProperty(named = PROPERTY, matches = FULL)
    void nameThatIsUnknownAtFirstIsLookedUpAgain() throws Exception {
        assertTrue(BY_NAME, "This system has one loopback address only");
        nameHasAddresses(0);
        start();
        start();
        members.forEach(it -> it.output().awaitAny(line -> line.contains("This server has found no other member of the cluster hangup"
                + " and computes all keys itself until one joins: " + NAME + ":" + port + ": unknown host"), "the reason"));
        nameHasAddresses(2);
        awaitMembers();
    }

    private void assertMemberThatJoinsComputesOnceMoreWhatMoves(Member first, Member second) throws Exception {
        List<String> inFlight = IntStream.range(0, 30).mapToObj(it -> "long" + it).toList();
        List<RawClient> clients = new ArrayList<>();
        inFlight.forEach(key -> members.forEach(it -> clients.add(it.get(key))));
        // of each key: two clients, and the relayed request of one at the other
        awaitWaiting(30 * 3);
        Member third = start();
        awaitMembers();
        inFlight.forEach(key -> members.forEach(it -> clients.add(it.get(key))));
        // of each key: five clients, and two relayed requests, whether it has moved or not
        awaitWaiting(30 * 7);
        for (String key : inFlight) {
            assertEquals(1, first.computed(key) + second.computed(key), key);
            assertTrue(third.computed(key) <= 1, key);
        }
        long moved = inFlight.stream().filter(key -> third.computed(key) == 1).count();
        assertTrue(moved > 0 && moved < 30, "So many have moved: " + moved);
        clients.forEach(RawClient::leave);
        Await.until("all are interrupted", () -> inFlight.stream().allMatch(key -> members.stream()
                .allMatch(it -> it.computed(key) == 0 || it.has("interrupted " + key))));
    }

    private void assertWaitersOfAKilledMemberAreGoneSoonerThanASilentMember() throws Exception {
        List<RawClient> clients = waitingForTheSame("long");
        Member owner = owner("long");
        List<Member> others = new ArrayList<>(members);
        others.remove(owner);
        clients.get(members.indexOf(owner)).leave();
        clients.get(members.indexOf(others.getLast())).leave();
        Await.until("one member waits", () -> owner.waiting() == 1);
        assertFalse(owner.has("interrupted long"));
        long killed = System.nanoTime();
        others.getFirst().process().destroyForcibly();
        owner.output().await("interrupted long");
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed);
        assertTrue(millis < TimeUnit.SECONDS.toMillis(goneAfter), "It took " + millis + " ms");
        members.remove(others.getFirst());
    }

    private void assertOwnerIsReplacedOnce(String key, String signal, int seconds) {
        List<RawClient> clients = waitingForTheSame(key);
        Member owner = owner(key);
        owner.signal(signal);
        members.stream().filter(it -> it != owner).forEach(Member::release);
        assertAnsweredByTheOthers(clients, owner, key, seconds);
    }

    private void assertAnsweredByTheOthers(List<RawClient> clients, Member owner, String key, int seconds) {
        long begun = System.nanoTime();
        for (Member member : members) {
            if (member != owner) {
                RawClient.Response response = clients.get(members.indexOf(member)).read();
                assertEquals(200, response.status());
                assertEquals("result of " + key, response.text());
            }
        }
        long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        assertTrue(took < seconds, "It took " + took + " s");
        assertEquals(1, members.stream().filter(it -> it != owner).mapToInt(it -> it.computed(key)).sum(), "replacements");
    }

    /** A client of each member, all of which wait for one computation. */
    private List<RawClient> waitingForTheSame(String key) {
        List<RawClient> clients = members.stream().map(it -> it.get(key)).toList();
        Await.until("one computes " + key, () -> members.stream().mapToInt(it -> it.computed(key)).sum() == 1);
        Member owner = owner(key);
        Await.until("a client and the other members wait", () -> owner.waiting() == members.size());
        return clients;
    }

    private Member owner(String key) {
        return members.stream().filter(it -> it.computed(key) > 0).findFirst().orElseThrow();
    }

    /** The owner of a key whose first computation is over. */
    private Member ownerOfIdle(String key) {
        members.getFirst().get(key).read();
        return owner(key);
    }

    private void startThree() throws IOException {
        nameHasAddresses(3);
        for (int i = 0; i < 3; i++) {
            start();
        }
        awaitMembers();
    }

    private Member start() {
        int number = members.size();
        Member member = BY_NAME
                ? start(List.of("-Djdk.net.hosts.file=" + folder.resolve("hosts"), "-Dsun.net.inetaddr.ttl=1",
                                "-Dsun.net.inetaddr.negative.ttl=1"), address(number), port, List.of(NAME))
                : start(List.of(), "127.0.0.1", ports.get(number), ports.stream().map(it -> "127.0.0.1:" + it).toList());
        members.add(member);
        return member;
    }

    private Member start(List<String> options, String host, int port, List<String> found) {
        List<String> arguments = new ArrayList<>(List.of(keys.keystore().toString(), host, String.valueOf(port),
                                                         String.valueOf(goneAfter)));
        arguments.addAll(found);
        return Member.start(List.of(), options, arguments);
    }

    private void nameHasAddresses(int count) throws IOException {
        if (port == 0) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(BY_NAME ? address(0) : "127.0.0.1"))) {
                port = socket.getLocalPort();
            }
        }
        List<String> hosts = new ArrayList<>(List.of("127.0.0.1 localhost"));
        IntStream.range(0, count).forEach(it -> hosts.add(address(it) + " " + NAME));
        Files.write(folder.resolve("hosts"), hosts);
    }

    private static String address(int number) {
        return "127.0.0." + (number + 2);
    }

    /** Waits until all members see each other. */
    private void awaitMembers() {
        members.forEach(it -> it.awaitView(members.size()));
    }

    private void awaitWaiting(int count) {
        Await.until(count + " wait", () -> members.stream().mapToInt(Member::waiting).sum() == count);
    }
}

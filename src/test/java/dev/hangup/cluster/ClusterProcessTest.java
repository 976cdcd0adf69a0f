package dev.hangup.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Members of a cluster in processes of their own, of which one is killed, stopped or frozen. The suite has one case with two
 * members;
 * all cases run with three and {@code -Dhangup.cluster=full}.
 */
class ClusterProcessTest {
    private static final int MEMBERS = "full".equals(System.getProperty("hangup.cluster")) ? 3 : 2;
    private static final Pattern FULL_VIEW = Pattern.compile("Members of the cluster hangup: \\S+" + ", \\S+".repeat(MEMBERS - 1)
                                                                     + "; this one.*");
    private static ClusterKeys keys;

    private final List<Member> members = new ArrayList<>();

    @BeforeAll
    static void generateKeys() throws Exception {
        keys = ClusterKeys.generate();
    }

    @BeforeEach
    void start() throws IOException {
        List<Integer> ports = Replica.ports(MEMBERS);
        for (int port : ports) {
            members.add(Member.start(port, ports));
        }
        members.forEach(it -> Await.untilBegun(MEMBERS + " members",
                () -> it.output.events().stream().anyMatch(line -> FULL_VIEW.matcher(line).find())));
        members.forEach(Member::awaitPort);
    }

    @AfterEach
    void end() {
        members.forEach(Member::close);
    }

    @Test
    void ownerThatIsKilledIsReplacedOnce() throws Exception {
        List<RawClient> clients = waitingForTheSame("key");
        Member owner = computing("key").getFirst();
        owner.process.destroyForcibly().waitFor();
        assertAnsweredByTheOthers(clients, owner, "key", 9);
    }

    @Test
    @EnabledIfSystemProperty(named = "hangup.cluster", matches = "full")
    void ownerThatStopsIsReplacedOnce() throws Exception {
        List<RawClient> clients = waitingForTheSame("key");
        Member owner = computing("key").getFirst();
        owner.signal("TERM");
        assertAnsweredByTheOthers(clients, owner, "key", 9);
    }

    @Test
    @EnabledIfSystemProperty(named = "hangup.cluster", matches = "full")
    void ownerThatIsFrozenIsReplacedAfterGoneAfterAndComesBack() throws Exception {
        List<RawClient> clients = waitingForTheSame("key");
        Member owner = computing("key").getFirst();
        owner.signal("STOP");
        assertAnsweredByTheOthers(clients, owner, "key", 15);
        owner.signal("CONT");
        int views = views(owner);
        Await.until("the members have found each other again", () -> views(owner) > views);
    }

    @Test
    @EnabledIfSystemProperty(named = "hangup.cluster", matches = "full")
    void waitersOfAKilledMemberAreGoneWithinASecond() throws Exception {
        List<RawClient> clients = waitingForTheSame("long");
        Member owner = computing("long").getFirst();
        clients.get(members.indexOf(owner)).leave();
        List<Member> others = members.stream().filter(it -> it != owner).toList();
        others.getFirst().process.destroyForcibly().waitFor();
        Await.until("one member waits", () -> owner.waiting().equals("1"));
        assertTrue(!owner.output.events().contains("interrupted long"), owner.output.events().toString());
        long killed = System.nanoTime();
        others.getLast().process.destroyForcibly();
        owner.output.await("interrupted long");
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed);
        assertTrue(millis < 1000, "It took " + millis + " ms");
    }

    /** A client of each member, all of which wait for one computation. */
    private List<RawClient> waitingForTheSame(String key) {
        List<RawClient> clients = new ArrayList<>();
        for (Member member : members) {
            clients.add(RawClient.connect(member.awaitPort()).get("/work/" + key));
        }
        Await.until("one computes " + key, () -> computing(key).size() == 1);
        Member owner = computing(key).getFirst();
        Await.until("a client and the other members wait", () -> owner.waiting().equals(String.valueOf(MEMBERS)));
        return clients;
    }

    private List<Member> computing(String key) {
        return members.stream().filter(it -> it.output.events().contains("computing " + key)).toList();
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
        List<Member> replacements = computing(key).stream().filter(it -> it != owner).toList();
        assertEquals(1, replacements.size(), "replacements");
        assertEquals(1, replacements.getFirst().output.events().stream().filter(("computing " + key)::equals).count());
    }

    private static int views(Member member) {
        return (int) member.output.events().stream().filter(line -> FULL_VIEW.matcher(line).find()).count();
    }

    private record Member(Process process, Trail output) {
        static Member start(int port, List<Integer> ports) throws IOException {
            List<String> command = new ArrayList<>(List.of("--enable-preview", "-cp", System.getProperty("java.class.path"),
                                                           ReplicaMain.class.getName(), keys.keystore().toString(),
                                                           String.valueOf(port)));
            ports.forEach(it -> command.add(String.valueOf(it)));
            Member member = new Member(ChildJvm.builder(command).redirectErrorStream(true).start(), new Trail());
            BufferedReader lines = member.process.inputReader();
            Thread.startVirtualThread(() -> lines.lines().forEach(member.output::add));
            return member;
        }

        int awaitPort() {
            output.awaitAny(it -> it.startsWith("port "), "port");
            return Integer.parseInt(output.events().stream().filter(it -> it.startsWith("port ")).findFirst().orElseThrow()
                                            .substring("port ".length()));
        }

        String waiting() {
            try (RawClient client = RawClient.connect(awaitPort())) {
                return client.get("/waiting").read().text();
            }
        }

        void signal(String name) throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start().waitFor();
        }

        void close() {
            process.destroyForcibly();
        }
    }
}

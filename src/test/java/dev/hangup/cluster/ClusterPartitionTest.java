package dev.hangup.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.hangup.testing.Await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Three members on two networks that lose all packets between them, one on the first and two on the second, with clients beside
 * them. No connection is closed or refused by that. Takes root on Linux, and {@code -Dhangup.cluster=full}.
 */
@EnabledIfSystemProperty(named = "hangup.cluster", matches = "full")
class ClusterPartitionTest {
    private static final String FIRST = "hangup-" + ProcessHandle.current().pid() + "-1";
    private static final String SECOND = "hangup-" + ProcessHandle.current().pid() + "-2";
    private static final String WIRE = "hangup0";
    private static final List<String> HOSTS = List.of("10.77.7.1", "10.77.7.2", "10.77.7.3");
    private static final String NOBODY = "02:00:00:00:00:99";
    private static final int PORT = 7800;

    private final List<Member> members = new ArrayList<>();
    private final List<Process> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(succeeds("ip", "netns", "add", FIRST) && succeeds("ip", "netns", "add", SECOND),
                               "Networks can be made by root on Linux only");
        ip("link", "add", WIRE, "netns", FIRST, "type", "veth", "peer", "name", WIRE, "netns", SECOND);
        for (String network : List.of(FIRST, SECOND)) {
            ip("-n", network, "link", "set", "lo", "up");
            ip("-n", network, "link", "set", WIRE, "up");
        }
        ip("-n", FIRST, "addr", "add", HOSTS.get(0) + "/24", "dev", WIRE);
        ip("-n", SECOND, "addr", "add", HOSTS.get(1) + "/24", "dev", WIRE);
        ip("-n", SECOND, "addr", "add", HOSTS.get(2) + "/24", "dev", WIRE);
        ClusterKeys keys = ClusterKeys.generate();
        for (String host : HOSTS) {
            List<String> arguments = new ArrayList<>(List.of(keys.keystore().toString(), host, String.valueOf(PORT), "5"));
            HOSTS.forEach(it -> arguments.add(it + ":" + PORT));
            members.add(Member.start(List.of("ip", "netns", "exec", network(members.size())), List.of(), arguments));
        }
        members.forEach(it -> it.awaitView(3));
    }

    @AfterEach
    void end() throws Exception {
        clients.forEach(Process::destroyForcibly);
        members.forEach(Member::close);
        succeeds("ip", "netns", "del", FIRST);
        succeeds("ip", "netns", "del", SECOND);
    }

    @Test
    void eachPartComputesForItselfAndTheyShareAgainLater() throws Exception {
        String key = longKeyThatIsOwnedByTheSecondPart();
        Member owner = owner(key);
        split();
        // its only waiter cannot be reached any more, and computes for itself
        owner.output().await("interrupted " + key);
        members.getFirst().output().await("computing " + key);
        members.getFirst().awaitView(1);
        members.get(1).awaitView(2);
        members.get(2).awaitView(2);
        List<Process> apart = List.of(ask(0, "apart"), ask(1, "apart"), ask(2, "apart"));
        for (Process client : apart) {
            assertEquals("result of apart", answer(client));
        }
        assertEquals(1, members.getFirst().computed("apart"));
        assertEquals(1, members.get(1).computed("apart") + members.get(2).computed("apart"));
        join();
        members.forEach(it -> it.awaitView(3));
        List<Process> together = List.of(ask(0, "together"), ask(1, "together"), ask(2, "together"));
        for (Process client : together) {
            assertEquals("result of together", answer(client));
        }
        assertEquals(1, members.stream().mapToInt(it -> it.computed("together")).sum());
    }

    /** Asks the first member until a key is owned by another one. */
    private String longKeyThatIsOwnedByTheSecondPart() throws IOException {
        for (int i = 0;; i++) {
            String key = "long" + i;
            Process client = ask(0, key);
            Await.until("one computes " + key, () -> members.stream().anyMatch(it -> it.computed(key) == 1));
            if (owner(key) != members.getFirst()) {
                return key;
            }
            client.destroy();
        }
    }

    private Member owner(String key) {
        return members.stream().filter(it -> it.computed(key) > 0).findFirst().orElseThrow();
    }

    /** From now on, packets go to a station that is not there. */
    private void split() throws Exception {
        ip("-n", FIRST, "neigh", "replace", HOSTS.get(1), "lladdr", NOBODY, "dev", WIRE);
        ip("-n", FIRST, "neigh", "replace", HOSTS.get(2), "lladdr", NOBODY, "dev", WIRE);
        ip("-n", SECOND, "neigh", "replace", HOSTS.get(0), "lladdr", NOBODY, "dev", WIRE);
    }

    private void join() throws Exception {
        ip("-n", FIRST, "neigh", "del", HOSTS.get(1), "dev", WIRE);
        ip("-n", FIRST, "neigh", "del", HOSTS.get(2), "dev", WIRE);
        ip("-n", SECOND, "neigh", "del", HOSTS.get(0), "dev", WIRE);
    }

    /** A client beside a member. */
    private Process ask(int member, String key) throws IOException {
        int port = members.get(member).port();
        Process client = new ProcessBuilder("ip", "netns", "exec", network(member), "curl", "-sS", "--max-time", "30",
                                            "http://127.0.0.1:" + port + "/work/" + key).redirectErrorStream(true).start();
        clients.add(client);
        return client;
    }

    private static String answer(Process client) throws IOException {
        return new String(client.getInputStream().readAllBytes());
    }

    private static String network(int member) {
        return member == 0 ? FIRST : SECOND;
    }

    private static void ip(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        if (!succeeds(command.toArray(String[]::new))) {
            throw new AssertionError(String.join(" ", command) + " failed");
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}

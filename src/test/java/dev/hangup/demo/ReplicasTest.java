package dev.hangup.demo;

import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.Processes;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The three replicas that one command starts, as their user sees them: the terminal, the pages and the answers. */
class ReplicasTest {
    private static final Pattern REPLICA = Pattern.compile("  (\\w)  http://127\\.0\\.0\\.1:(\\d+)/  process (\\d+)");
    private static final String PATH = "/with-context/coalesced";

    private final Trail terminal = new Trail();
    private final Map<String, Shown> replicas = new LinkedHashMap<>();
    private Process launcher;

    /** A replica, as the terminal shows it. */
    private record Shown(String name, int port, long pid) {
        RawClient get(String path) {
            return RawClient.connect(port).get(path);
        }
    }

    @BeforeEach
    void start() throws Exception {
        launcher = ChildJvm.running(Replicas.class, List.of(), "0")
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = launcher.inputReader();
        Thread.startVirtualThread(() -> lines.lines().forEach(terminal::add));
        Await.untilBegun("the replicas have started", () -> has("Ctrl-C here stops all three"));
        for (String line : terminal.events()) {
            Matcher matcher = REPLICA.matcher(line);
            if (matcher.matches()) {
                replicas.put(matcher.group(1), new Shown(matcher.group(1), Integer.parseInt(matcher.group(2)),
                                                         Long.parseLong(matcher.group(3))));
            }
        }
        assertEquals(List.of("A", "B", "C"), List.copyOf(replicas.keySet()));
    }

    @AfterEach
    void end() {
        launcher.destroyForcibly();
        replicas.values().forEach(it -> ProcessHandle.of(it.pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    @Test
    void nineClientsShareOneComputationAndOutliveItsReplica() throws Exception {
        assertPagesAreLinked();
        assertLastOfNineStopsTheComputation();
        assertOwnerThatIsKilledIsReplaced();
        launcher.destroyForcibly().waitFor();
        replicas.values().forEach(it -> Processes.awaitEndOfStranger(it.pid));
    }

    @Test
    @EnabledIfSystemProperty(named = "hangup.cluster", matches = "full")
    void launcherThatIsStoppedStopsItsReplicasFirst() throws Exception {
        launcher.destroy();
        launcher.waitFor();
        replicas.values().forEach(it -> assertTrue(!Processes.alive(it.pid) || Processes.isZombie(it.pid), it.toString()));
    }

    private void assertPagesAreLinked() {
        for (Shown replica : replicas.values()) {
            String page = replica.get("/").read().text();
            replicas.values().forEach(it -> assertTrue(page.contains("<a href=\"http://127.0.0.1:" + it.port + "/\""), page));
            assertTrue(page.contains(" aria-current=\"page\">" + replica.name + "</a>"), page);
        }
    }

    private void assertLastOfNineStopsTheComputation() {
        List<RawClient> clients = threeOnEach("?name=nine&seconds=60");
        for (int i = 1; i <= 9; i++) {
            assertTrue(!has(" nine: cancelled"), terminal.events().toString());
            clients.get(i - 1).leave();
            int left = i;
            Await.until(i + " have left", () -> lines("demo: " + PATH + ": the client left first").size() == left);
        }
        Await.until("the computation is cancelled", () -> has(" nine: cancelled"));
        assertEquals(1, lines(" nine: computing").size());
    }

    private void assertOwnerThatIsKilledIsReplaced() {
        List<RawClient> clients = threeOnEach("?name=lost&seconds=10");
        Shown owner = replicas.get(lines(" lost: computing").getFirst().substring(0, 1));
        Processes.signal(owner.pid, "KILL");
        List<String> answers = new ArrayList<>();
        List<Shown> all = List.copyOf(replicas.values());
        for (int i = 0; i < clients.size(); i++) {
            if (all.get(i / 3) != owner) {
                answers.add(clients.get(i).read().text());
            }
        }
        String another = lines(" lost: computing").get(1).substring(0, 1);
        assertTrue(!another.equals(owner.name), another);
        assertEquals(List.of("lost: slept beautifully on " + another + "\n"), answers.stream().distinct().toList());
        assertEquals(2, lines(" lost: computing").size());
        Await.until("its end is reported", () -> has("Replica " + owner.name + " has ended with exit code 137."));
    }

    /** Returns when all are waiting, as the pages show. */
    private List<RawClient> threeOnEach(String query) {
        List<RawClient> clients = new ArrayList<>();
        for (Shown replica : replicas.values()) {
            for (int i = 0; i < 3; i++) {
                clients.add(replica.get(PATH + query));
            }
        }
        for (Shown replica : replicas.values()) {
            try (FeedReader page = FeedReader.open(replica.port)) {
                page.await("three that wait", it -> it.getJsonArray("running").size() == 3);
            }
        }
        String name = query.replaceAll(".*name=(\\w+).*", "$1");
        Await.until("one computes", () -> has(" " + name + ": computing"));
        // nine clients, and at the owner one more for each of the other replicas
        Await.until("all have reached the owner", () -> replicas.values().stream().mapToInt(ReplicasTest::waiting).sum() == 9 + 2);
        return clients;
    }

    private static int waiting(Shown replica) {
        try (RawClient client = replica.get("/observe/metrics")) {
            return client.read().text().lines()
                    .filter(it -> it.startsWith("hangup_waiting{name=\"coalesced\""))
                    .mapToInt(it -> (int) Double.parseDouble(it.substring(it.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    private boolean has(String text) {
        return !lines(text).isEmpty();
    }

    private List<String> lines(String text) {
        return terminal.events().stream().filter(it -> it.contains(text)).toList();
    }
}

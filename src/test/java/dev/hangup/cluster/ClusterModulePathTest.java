package dev.hangup.cluster;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.ModularService;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** An application on the module path and one on the class path that are members of one cluster. */
class ClusterModulePathTest {
    private static final Set<String> ANSWERS = Set.of("computed in a module", "computed on the class path");

    @TempDir
    private Path directory;

    @Test
    void membersComputeForEachOther() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        ClusterConfig config = Replica.cluster(ports.get(0), ports).tls(keys.tls()).build();
        try (Replica replica = Replica.start(config, key -> "computed on the class path", it -> { });
                ModularService service = ModularService.start(directory, List.of("org.jgroups", "io.helidon.webclient.http1"),
                        keys.settings(ports.get(1), ports), "requires dev.hangup;",
                        "requires dev.hangup; requires org.jgroups; requires io.helidon.webclient.http1;")) {
            assertTrue(service.awaitValue("Hangup in ").startsWith("module dev.hangup"));
            service.awaitValue("port ");
            Await.untilBegun("two members in " + service.trail().events(), () -> replica.members() == 2);
            // each member learns of the other by itself
            service.trail().awaitAny(it -> it.matches(".*Members of the cluster hangup: .+, .+; this one is .*"), "two members");
            Set<String> ofReplica = new HashSet<>();
            Set<String> ofService = new HashSet<>();
            for (int i = 0; !ofReplica.equals(ANSWERS) || !ofService.equals(ANSWERS); i++) {
                try (RawClient one = replica.get("key" + i); RawClient other = service.connect().get("/work/key" + i)) {
                    String answer = one.read().text();
                    assertEquals(answer, other.read().text(), () -> "It said " + service.trail().events());
                    ofReplica.add(answer);
                    ofService.add(answer);
                }
            }
            service.stop();
            Await.until("it has left", () -> replica.members() == 1);
        }
    }
}

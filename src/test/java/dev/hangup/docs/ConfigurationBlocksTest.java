package dev.hangup.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;
import dev.hangup.isolated.Isolated;
import dev.hangup.testing.Keytool;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The configuration in the documents: it is accepted by what it is for, and has no key that is not in the tables. */
class ConfigurationBlocksTest {
    /** What is made of each node at the top. */
    private static final Map<String, Consumer<Config>> BUILDERS = Map.of(
            "server", it -> WebServer.builder().config(it).build(),
            "cpu", CpuBound::create,
            "isolated", it -> Isolated.create(it).close(),
            "search", it -> Coalescing.<String, String>builder().key(request -> "").computing(key -> key).config(it).build(),
            "client", it -> WebClient.builder().config(it).build());

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("blocks")
    void isAccepted(Block block) throws Exception {
        Config config = config(block);
        List<Config> nodes = config.asNodeList().get();
        assertTrue(BUILDERS.keySet().containsAll(nodes.stream().map(it -> it.key().name()).toList()), "It is for nothing known");
        nodes.forEach(it -> BUILDERS.get(it.key().name()).accept(it));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void hasNoKeyThatIsNotInTheTables(Block block) throws Exception {
        List<String> known = ConfigurationTable.all().stream().flatMap(ConfigurationTable::keys).toList();
        List<String> unknown = config(block).traverse()
                .filter(Config::isLeaf)
                .map(it -> it.key().toString().replaceAll("\\.\\d+", ""))
                .filter(key -> ConfigurationTable.all().stream().anyMatch(it -> key.startsWith(it.node() + ".")))
                // TLS is Helidon's
                .filter(key -> !known.contains(key) && !key.startsWith("server.features.hangup.cluster.tls."))
                .toList();
        assertEquals(List.of(), unknown);
    }

    private static Stream<Block> blocks() {
        return Block.all("yaml").stream();
    }

    private Config config(Block block) throws Exception {
        String text = block.text();
        if (text.contains("server.p12")) {
            text = text.replace("server.p12", keystore().toString());
        }
        return Config.just(ConfigSources.create(text, MediaTypes.APPLICATION_X_YAML));
    }

    private Path keystore() throws Exception {
        Path file = folder.resolve("server.p12");
        if (!Files.exists(file)) {
            Keytool.generateTrusted(file, "server", "localhost");
        }
        return file;
    }
}

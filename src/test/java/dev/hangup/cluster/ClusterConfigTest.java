package dev.hangup.cluster;

import java.util.Map;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The configuration of a cluster is refused before the member joins, and the message names the key. */
class ClusterConfigTest {
    private static final String NODE = "server.features.hangup.cluster";

    @ParameterizedTest
    @CsvSource({"host, 0", "host, 0.0", "host, 0.0.0.0", "host, '::'", "host, '::0'", "host, '[::0]'", "host, ' '",
            "host, '0:0:0:0:0:0:0:0'", "host, 'member-1:7800'", "host, 'cafe:7800'", "host, '[::1'", "host, '::1]'", "host, '[::1]:7800'",
            "host, '[member-1]'",
            "name, ' '", "dns, ' '",
            "members.0, 10.0.0.1", "members.0, 10.0.0.1:0", "members.0, 10.0.0.1:65536", "members.0, 10.0.0.1:99999",
            "members.0, ':7801'", "members.0, '::1:7801'", "members.0, 'two words:7801'",
            "port, 0", "port, 65536", "http-port, -1", "gone-after, PT0.1S", "gone-after, PT2M"})
    void valueThatCannotBeUsed(String key, String value) {
        ConfigException refused = assertThrows(ConfigException.class, () -> config(key, value));
        String named = NODE + "." + key.replace(".0", "");
        assertTrue(refused.getMessage().startsWith(named + " must"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1:7801", "[::1]:1", "member-2.example:65535", "localhost:7801"})
    void memberThatMayBeLookedUp(String member) {
        assertEquals(member, config("members.0", member).members().getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "member-1.example"})
    void hostThatOthersCanConnectTo(String host) {
        assertEquals(host, config("host", host).host());
    }

    @Test
    void hostMayBeInBrackets() {
        assertEquals("::1", config("host", "[::1]").host());
    }

    private static ClusterConfig config(String key, String value) {
        Map<String, String> values = Map.of(NODE + "." + key, value);
        return ClusterConfig.builder().config(Config.just(ConfigSources.create(values)).get(NODE)).buildPrototype();
    }
}

package dev.hangup.demo;

import java.util.List;
import java.util.Map;

import dev.hangup.cluster.ClusterKeys;
import dev.hangup.testing.FreePorts;

import io.helidon.webserver.WebServer;

import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the page is told of the cluster of its server. */
class PageClusterTest {
    @Test
    void membersThatComeAndGoAreShownOnAnIdleServer() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        WebServer one = PageTest.server(keys.settings(ports.get(0), ports));
        try (FeedReader feed = FeedReader.open(one.port())) {
            JsonObject alone = feed.await("it is alone", it -> members(it) == 1);
            String self = alone.getJsonObject("cluster").getString("self");
            assertEquals(self, alone.getJsonObject("cluster").getJsonArray("members").getString(0));
            WebServer other = PageTest.server(keys.settings(ports.get(1), ports));
            try {
                JsonObject both = feed.await("another has joined", it -> members(it) == 2).getJsonObject("cluster");
                assertFalse(both.containsKey("problem"), both.toString());
                assertEquals(0, both.getInt("owned") + both.getInt("relayed") + both.getJsonObject("calls").getInt("succeeded"));
            } finally {
                other.stop();
            }
            feed.await("it is alone again", it -> members(it) == 1);
        } finally {
            one.stop();
        }
    }

    @Test
    void serverWithoutAClusterTellsOfNone() {
        WebServer server = PageTest.server(Map.of());
        try (FeedReader feed = FeedReader.open(server.port())) {
            assertTrue(!feed.next().containsKey("cluster"));
        } finally {
            server.stop();
        }
    }

    private static int members(JsonObject state) {
        return state.containsKey("cluster") ? state.getJsonObject("cluster").getJsonArray("members").size() : 0;
    }
}

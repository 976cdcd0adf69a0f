package dev.hangup.cluster;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** The names of clustered routes are unique in a server. */
class ClusteredRouteNamesTest {
    @Test
    void oneRouteAtSeveralPathsHasOneName() {
        Coalescing<String, String> route = route();
        try (TestServer server = TestServer.start(routing -> routing.get("/one", route).get("/two", route))) {
            assertEquals("result", server.connect().get("/two").read().text());
        }
    }

    @Test
    void twoRoutesWithOneNameAreRefused() {
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> TestServer.start(
                routing -> routing.get("/one", route()).get("/two", route())).close());
        assertEquals("Two clustered routes of this server have the name work", refused.getMessage());
    }

    private static Coalescing<String, String> route() {
        return Coalescing.<String, String>builder()
                .key(request -> "key")
                .computing(key -> "result")
                .clustered("work", Codec.text(), Codec.text())
                .build();
    }
}

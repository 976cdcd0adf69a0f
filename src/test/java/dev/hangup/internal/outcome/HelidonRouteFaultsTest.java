package dev.hangup.internal.outcome;

import java.util.Optional;

import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.webserver.http.ServerRequest;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Faults of Helidon 4.5.0 in the pattern of a service's route; each as long as it is there. */
class HelidonRouteFaultsTest {
    @Test
    @WorkedAroundBy(RoutePattern.class)
    void patternOfAServiceHasWhatTheClientSent() {
        assertEquals("/users/anna/mail", pattern("/users/anna/mail"));
    }

    @Test
    @WorkedAroundBy(value = RoutePattern.class, members = "replace")
    void lastCharacterOfAServicesPathIsCutOff() {
        assertEquals("/users/ann/", pattern("/users/anna"));
    }

    private static String pattern(String path) {
        try (PlainServer server = PlainServer.start(routing -> routing.register("/users/{name}", rules -> rules
                .get("/", (request, response) -> response.send(pattern(request)))
                .get("/mail", (request, response) -> response.send(pattern(request)))));
                RawClient client = server.connect()) {
            return client.get(path).read().text();
        }
    }

    private static String pattern(ServerRequest request) {
        Optional<String> pattern = request.matchingPattern();
        return pattern.orElse("none");
    }
}

package dev.hangup.internal.http2;

import java.util.Arrays;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.TestServer;

import io.helidon.http.http2.FlowControl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A client's window for its streams may change, but not as often as a client can send its settings. */
class Http2ClientSettingsTest {
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int ENHANCE_YOUR_CALM = 11;

    @ParameterizedTest
    @EnumSource
    void windowThatDoesNotChangeReachesHelidonOnce(Http2Opening opening) {
        int window = 54_321 + opening.ordinal();
        try (Logged logged = Logged.debug(FlowControl.class.getName() + ".ofc", "Recv INIT_WINDOW_SIZE " + window);
                TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            byte[][] settings = new byte[500][];
            Arrays.fill(settings, Http2Client.settings(INITIAL_WINDOW_SIZE, window));
            client.send(settings);
            client.awaitSettingsAcknowledged(1 + settings.length);
            assertEquals(1, logged.trail().events().size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void fewChangesOfTheWindowTakeEffect(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port()).withoutCredit()) {
            for (int window = 1; window < 9; window++) {
                client.send(Http2Client.settings(INITIAL_WINDOW_SIZE, window), Http2Client.settings(INITIAL_WINDOW_SIZE, window));
            }
            int id = client.get("/large");
            client.awaitBytes(id, 8);
            client.send(Http2Client.settings(INITIAL_WINDOW_SIZE, 1000));
            assertEquals(1000, client.answer(id).body().length);
        }
    }

    @ParameterizedTest
    @EnumSource
    void windowThatChangesTooOftenEndsTheConnection(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            byte[][] settings = new byte[100][];
            Arrays.setAll(settings, i -> Http2Client.settings(INITIAL_WINDOW_SIZE, 1000 + i % 2));
            client.send(settings);
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    private static TestServer start(Http2Opening opening) {
        return Http2Work.start(opening, hangup -> { },
                               routing -> routing.get("/large", (request, response) -> response.send(new byte[1000])));
    }
}

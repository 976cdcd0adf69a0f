package dev.hangup.testing;

import java.time.Duration;

import dev.hangup.Hangup;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The time of a request under Hangup. */
public final class Time {
    private Time() {
    }

    /**
     * Called by work that has begun: from now on it has no time left. A short deadline instead could pass, on a slow
     * machine, before the work begins.
     */
    public static void isUp(ServerRequest request, ServerResponse response) throws Exception {
        Hangup.cancellable(Duration.ofNanos(1), (req, res) -> { }).handle(request, response);
    }
}

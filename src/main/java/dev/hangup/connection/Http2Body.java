package dev.hangup.connection;

import java.time.Duration;
import java.util.concurrent.Future;

import io.helidon.webserver.http.ServerRequest;

/** What is left of the body of an HTTP/2 request that nobody wants any more. */
final class Http2Body {
    /** How long the frames may take that Helidon has got before. */
    static final Duration PATIENCE = Duration.ofMillis(20);

    private Http2Body() {
    }

    /**
     * Takes it out of the stream's queue, which may be full and hold up the connection, and gives the client back what
     * it may send for it. Then lets the body end: Helidon waits for an end that the client need not send, for ever. Its
     * wait takes an interrupt for the body's end.
     */
    static void drop(ServerRequest request) {
        Interruption interruption = new Interruption();
        Future<?> alarm = Alarm.in(PATIENCE, interruption::interrupt);
        try {
            request.content().consume();
        } catch (RuntimeException e) {
            // the work has it in its hands, or what decodes it stumbles over its end
        } finally {
            alarm.cancel(false);
            interruption.returned();
        }
    }
}

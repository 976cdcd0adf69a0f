package dev.hangup.connection;

import java.time.Duration;
import java.util.function.BooleanSupplier;

import io.helidon.http.media.ReadableEntity;
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
     *
     * @param holdsUp whether the queue holds up the connection
     */
    static void drop(ServerRequest request, BooleanSupplier holdsUp) {
        takeFrom(request.content());
        free(request, holdsUp);
    }

    /** Takes frames out of the queue for as long as it holds up the connection. */
    static void free(ServerRequest request, BooleanSupplier holdsUp) {
        while (holdsUp.getAsBoolean()) {
            // the entity itself has ended, before its time if something went wrong
            takeFrom(request.content().copy(() -> { }));
        }
    }

    private static void takeFrom(ReadableEntity entity) {
        Interruption interruption = new Interruption();
        interruption.whenItWaits(PATIENCE);
        try {
            entity.consume();
        } catch (RuntimeException e) {
            // the work has it in its hands, or what decodes it stumbles over its end
        } finally {
            interruption.returned();
        }
    }
}

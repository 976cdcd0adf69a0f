package dev.hangup.internal.time;

import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

/** All requests of a JVM depend on the thread of its timeouts. */
class CoarseTimeoutTest {
    private final Trail trail = new Trail();

    @Test
    void itsThreadGoesOnAlthoughAnActionFailsAndTheLogToo() {
        try (BrokenLog log = new BrokenLog(CoarseTimeout.class)) {
            start(() -> {
                throw new OutOfMemoryError("Java heap space");
            });
            log.trail().await("A timeout's action failed");
            start(() -> trail.add("expired"));
            trail.await("expired");
        }
    }

    private static void start(Runnable action) {
        new CoarseTimeout() {
            void begin() {
                start();
            }

            @Override
            protected void expired() {
                action.run();
            }
        }.begin();
    }
}

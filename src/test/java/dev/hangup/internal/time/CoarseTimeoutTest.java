package dev.hangup.internal.time;

import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Await;
import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    /** In a JVM of its own, since the thread is started once. */
    @Test
    void itsThreadIsStartedLaterIfItCouldNotBeStartedAtFirst() throws Exception {
        Process process = ChildJvm.running(WithoutThreadAtFirst.class, List.of()).inheritIO().start();
        try {
            assertTrue(process.waitFor(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "The timeout did not expire");
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
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

    /** In the other JVM. */
    private static final class WithoutThreadAtFirst {
        public static void main(String[] arguments) {
            Trail trail = new Trail();
            try {
                CoarseTimeout.ensureStarted(new ScarceThreads(1));
            } catch (OutOfMemoryError e) {
                trail.add("no thread");
            }
            start(() -> trail.add("expired"));
            trail.await("expired");
            System.exit(trail.events().equals(List.of("no thread", "expired")) ? 0 : 1);
        }
    }
}

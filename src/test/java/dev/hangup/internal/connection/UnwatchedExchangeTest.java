package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.time.Timer;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The action at the end of a request, of which no connection notifies Hangup. */
class UnwatchedExchangeTest {
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final Trail trail = new Trail();

    /** A log that was blocked once kept all deadlines of the JVM from passing. */
    @Test
    void actionThatBlocksDoesNotDelayTheTimer() {
        new UnwatchedExchange(true, "peer", MILLISECOND).whenOver(() -> {
            trail.add("begins");
            trail.await("release");
            trail.add("ends");
        });
        trail.await("begins");
        Timer.after(MILLISECOND, () -> trail.add("due"));
        try {
            trail.await("due");
        } finally {
            trail.add("release");
        }
        trail.await("ends");
        assertEquals(List.of("begins", "due", "release", "ends"), trail.events());
    }

    @Test
    void actionWhoseThreadCannotBeStartedRunsLater() {
        new UnwatchedExchange(true, "peer", MILLISECOND, new ScarceThreads(1)).whenOver(() -> trail.add("over"));
        trail.await("over");
    }

    @Test
    void actionThatIsReplacedWhileItsThreadCannotBeStartedDoesNotRun() {
        ScarceThreads threads = new ScarceThreads(1);
        AtomicReference<UnwatchedExchange> exchange = new AtomicReference<>();
        exchange.set(new UnwatchedExchange(true, "peer", MILLISECOND, work -> {
            trail.add("due");
            exchange.get().whenOver(null);
            return threads.newThread(() -> {
                work.run();
                trail.add("is done");
            });
        }));
        exchange.get().whenOver(() -> trail.add("over"));
        trail.await("is done");
        assertEquals(List.of("due", "due", "is done"), trail.events());
    }
}

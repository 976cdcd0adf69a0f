package dev.hangup.client;

import java.time.Duration;

import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.faulttolerance.FaultTolerance;
import io.helidon.faulttolerance.FtHandler;
import io.helidon.faulttolerance.Retry;
import io.helidon.faulttolerance.SupplierException;
import io.helidon.faulttolerance.Timeout;

import org.junit.jupiter.api.Test;

/** Faults of Helidon 4.5.0's fault tolerance; each as long as it is there. */
class HelidonFaultToleranceFaultsTest {
    private final Trail trail = new Trail();

    @Test
    @WorkedAroundBy(CancellationHandler.class)
    void interruptOfATimeoutIsRetried() {
        FtHandler calls = FaultTolerance.builder()
                .addTimeout(Timeout.builder().timeout(Await.TIME).currentThread(true).build())
                .addRetry(Retry.builder().calls(2).delay(Duration.ofMillis(1)).overallTimeout(Await.TIME).build())
                .build();
        Thread caller = Thread.ofVirtual().start(() -> calls.invoke(() -> {
            trail.ignoreInterruptsUntil("interrupted");
            throw new SupplierException(new InterruptedException());
        }));
        trail.await("started");
        caller.interrupt();
        trail.await("started", 2);
    }
}

package dev.hangup.internal.connection;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A client that is swallowed at full speed does not keep the carrier thread from the others. */
class YieldTest {
    @Test
    void othersRunBetweenTwoReads() throws IOException, InterruptedException {
        Process process = ChildJvm.running(OneCarrier.class, List.of("-Djdk.virtualThreadScheduler.parallelism=1",
                                                             "-Djdk.virtualThreadScheduler.maxPoolSize=1"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertTrue(process.waitFor(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "ends in time");
            String[] reads = process.inputReader().readLine().split(" ");
            assertEquals(ReadAhead.MAX_DISCARDED / (8 * 1024), Integer.parseInt(reads[1]));
            assertTrue(Integer.parseInt(reads[0]) < 10, () -> "another thread ran after " + reads[0] + " reads");
        } finally {
            process.destroyForcibly();
        }
    }
}

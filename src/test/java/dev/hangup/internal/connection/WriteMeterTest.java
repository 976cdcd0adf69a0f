package dev.hangup.internal.connection;

import java.util.concurrent.CountDownLatch;

import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;

import io.helidon.common.buffers.BufferData;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who writes to a socket, and how much of it the socket has accepted. */
class WriteMeterTest {
    private final Trail trail = new Trail();
    private final WriteMeter meter = new WriteMeter();

    @Test
    void bytesCountAsTheyLeaveTheirBuffer() {
        BufferData buffer = BufferData.create(new byte[10]);
        meter.begins(buffer);
        assertEquals(0, meter.taken());
        buffer.skip(4);
        assertEquals(4, meter.taken());
        buffer.skip(6);
        meter.ends();
        assertEquals(10, meter.taken());
    }

    @Test
    void blockedWriteIsInterruptedAndLeavesNoTrace() throws InterruptedException {
        Thread writer = Thread.ofVirtual().start(() -> {
            write();
            trail.add(Thread.currentThread().isInterrupted() ? "still interrupted" : "as before");
        });
        Await.until("the write is blocked", meter::isBlocked);
        meter.interrupt();
        writer.join();
        assertEquals("[interrupted, as before]", trail.events().toString());
        assertFalse(meter.isBlocked());
    }

    @Test
    void threadThatHasWrittenIsNotInterrupted() {
        meter.begins(BufferData.create(new byte[1]));
        meter.ends();
        meter.interrupt();
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void interruptOfOthersStays() {
        meter.begins(BufferData.create(new byte[1]));
        Thread.currentThread().interrupt();
        meter.ends();
        assertTrue(Thread.interrupted());
    }

    private void write() {
        meter.begins(BufferData.create(new byte[1]));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            trail.add("interrupted");
            // as a socket does that is closed by an interrupt
            Thread.currentThread().interrupt();
        } finally {
            meter.ends();
        }
    }
}

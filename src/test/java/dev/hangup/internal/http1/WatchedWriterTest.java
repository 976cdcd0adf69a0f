package dev.hangup.internal.http1;

import java.util.ArrayList;
import java.util.List;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** The writer of an HTTP/1.1 connection whose socket fails. */
class WatchedWriterTest {
    private final List<String> events = new ArrayList<>();

    /** Direct memory may be exhausted. The rest of the response must not follow, nor may another response. */
    @Test
    void writeThatEndsWithAnErrorHasFailed() {
        WatchedWriter writer = new WatchedWriter(new NoMemory(), false, false, new Recording());
        assertThrows(OutOfMemoryError.class, () -> writer.write(BufferData.create("x")));
        assertEquals(List.of("writes", "failed, client reachable"), events);
    }

    private static final class NoMemory implements DataWriter {
        @Override
        public void write(BufferData... buffers) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }

        @Override
        public void write(BufferData buffer) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }

        @Override
        public void writeNow(BufferData... buffers) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }

        @Override
        public void writeNow(BufferData buffer) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }
    }

    private final class Recording implements WatchedWriter.Events {
        @Override
        public boolean isOwnThread() {
            return false;
        }

        @Override
        public boolean mayContinue() {
            return true;
        }

        @Override
        public BufferData writes(BufferData bytes) {
            events.add("writes");
            return bytes;
        }

        @Override
        public void failed(boolean broken) {
            events.add("failed, client " + (broken ? "unreachable" : "reachable"));
        }
    }
}

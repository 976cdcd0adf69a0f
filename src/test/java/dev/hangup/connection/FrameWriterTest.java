package dev.hangup.connection;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Patience;
import dev.hangup.testing.Trail;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Frames go out whole and in order, and never on a thread that may be interrupted. */
class FrameWriterTest {
    private final Trail trail = new Trail();
    private final CompletableFuture<Void> socketTakes = new CompletableFuture<>();
    private final FrameWriter writer = new FrameWriter(new Socket(), frame -> true, () -> trail.add("broken"), "writer");

    @Test
    void interruptedThreadWritesAllTheSameAndStaysInterrupted() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            for (int id = 1; id < 20; id += 2) {
                writer.writeNow(BufferData.create(Http2Client.data(id, new byte[16 * 1024], false)));
            }
            interrupted.complete(Thread.interrupted());
        });
        assertTrue(interrupted.get());
        socketTakes.complete(null);
        trail.await("0 of 19");
        assertEquals(10, trail.events().size());
    }

    @Test
    void threadWaitsWhileTooMuchIsQueued() {
        Thread thread = Thread.ofVirtual().start(() -> {
            for (int id = 1; id < 20; id += 2) {
                writer.writeNow(BufferData.create(Http2Client.data(id, new byte[16 * 1024], false)));
            }
            trail.add("all written");
        });
        Patience.untilBlocked(thread);
        assertEquals(List.of(), trail.events());
        socketTakes.complete(null);
        trail.await("all written");
    }

    @Test
    void connectionThatGivesBackWhatIsSentWaitsToo() {
        Thread thread = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 100_000; i++) {
                writer.writeWhenRoom(Frame.windowUpdate(0, 1));
            }
            trail.add("all written");
        });
        Patience.untilBlocked(thread);
        assertEquals(List.of(), trail.events());
        socketTakes.complete(null);
        trail.await("all written");
    }

    @Test
    void nothingComesBetweenHeadersAndTheirContinuation() {
        socketTakes.complete(null);
        writer.trust();
        writer.writeNow(BufferData.create(frame(Frame.HEADERS, 0, 1)));
        writer.writeSoon(Frame.reset(3, Frame.CANCEL));
        writer.writeNow(BufferData.create(frame(9, 0, 1)));
        writer.writeNow(BufferData.create(frame(9, 4, 1)));
        trail.await("3 of 3");
        assertEquals(List.of("1 of 1", "9 of 1", "9 of 1", "3 of 3"), trail.events());
    }

    @Test
    void brokenSocketIsToldOnceAndFailsWhoWritesNext() {
        socketTakes.completeExceptionally(new IllegalStateException("reset"));
        writer.writeSoon(Frame.reset(1, Frame.CANCEL));
        trail.await("broken");
        assertThrows(RuntimeException.class, () -> writer.writeNow(BufferData.create(Frame.reset(3, Frame.CANCEL))));
        assertEquals(List.of("broken"), trail.events());
    }

    private static byte[] frame(int type, int flags, int id) {
        byte[] frame = Http2Client.data(id, new byte[5], false);
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        return frame;
    }

    /** Leaves "TYPE of STREAM" for each frame that it takes. */
    private final class Socket implements DataWriter {
        @Override
        public void write(BufferData... buffers) {
            throw new AssertionError("Each frame is written alone");
        }

        @Override
        public void write(BufferData buffer) {
            throw new AssertionError("Frames are written at once");
        }

        @Override
        public void writeNow(BufferData... buffers) {
            throw new AssertionError("Each frame is written alone");
        }

        @Override
        public void writeNow(BufferData buffer) {
            socketTakes.join();
            byte[] header = new byte[Frame.HEADER];
            while (buffer.available() > 0) {
                buffer.read(header);
                Frame frame = Frame.parse(header);
                buffer.skip(frame.length());
                trail.add(frame.type() + " of " + frame.streamId());
            }
        }
    }
}

package dev.hangup.internal.http2;

import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;

import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Frames go out whole and in order, and never on a thread that may be interrupted. */
class FrameWriterTest {
    private final Trail trail = new Trail();
    private final Queue<Integer> increments = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> socketTakes = new CompletableFuture<>();
    private final FrameWriter writer = new FrameWriter(new Socket(), new Everything(), () -> trail.add("broken"), "writer");

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
        Await.untilBlocked(thread);
        assertEquals(List.of(), trail.events());
        socketTakes.complete(null);
        trail.await("all written");
    }

    @Test
    void connectionThatGivesBackWhatIsSentWaitsToo() {
        Thread thread = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 20_000; i++) {
                writer.writeWhenRoom(Frame.windowUpdate(0, 1));
            }
            trail.add("all written");
        });
        Await.untilBlocked(thread);
        assertEquals(List.of(), trail.events());
        socketTakes.complete(null);
        trail.await("all written");
    }

    /** A client that sends and reads nothing does not make the queue grow. */
    @Test
    void updatesThatWaitAreMerged() {
        writer.writeSoon(Frame.reset(1, Frame.CANCEL));
        Await.until("it writes", () -> writer.meter.isBlocked());
        for (int i = 0; i < 20_000; i++) {
            writer.enlarge(0, 1);
            writer.enlarge(3, 2);
        }
        writer.writeSoon(Frame.reset(5, Frame.CANCEL));
        writer.enlarge(3, 2);
        socketTakes.complete(null);
        assertTrue(writer.awaitWritten(Await.TIME));
        writer.enlarge(3, 2);
        assertTrue(writer.awaitWritten(Await.TIME));
        assertEquals(List.of("3 of 1", "8 of 0", "8 of 3", "3 of 5", "8 of 3"), trail.events());
        assertEquals(List.of(20_000, 40_002, 2), List.copyOf(increments));
    }

    @Test
    void framesThatAreAbsorbedNeverWaitForRoom() {
        writer.writeNow(BufferData.create(Http2Client.data(1, new byte[100 * 1024], false)));
        writer.writeNow(BufferData.create(Frame.windowUpdate(1, 1)));
        socketTakes.complete(null);
        trail.await("0 of 1");
        assertEquals(List.of("0 of 1"), trail.events());
    }

    @Test
    void brokenSocketIsReportedOnceAndFailsWhoWritesNext() {
        socketTakes.completeExceptionally(new IllegalStateException("reset"));
        writer.writeSoon(Frame.reset(1, Frame.CANCEL));
        trail.await("broken");
        // it is reported before it is seen by others
        assertTrue(writer.awaitWritten(Await.TIME));
        assertThrows(RuntimeException.class, () -> writer.writeNow(BufferData.create(Frame.reset(3, Frame.CANCEL))));
        assertEquals(List.of("broken"), trail.events());
    }

    @Test
    void writeIsBrokenOffAndWithItWhatIsQueued() {
        writer.writeSoon(Frame.reset(1, Frame.CANCEL));
        writer.writeSoon(Frame.reset(3, Frame.CANCEL));
        writer.breakOff();
        trail.await("broken");
        assertTrue(writer.awaitWritten(Await.TIME));
        socketTakes.complete(null);
        assertThrows(UncheckedIOException.class, () -> writer.writeNow(BufferData.create(Frame.reset(5, Frame.CANCEL))));
        assertEquals(List.of("broken"), trail.events());
    }

    @Test
    void writerThatWritesNothingIsNotBrokenOff() {
        socketTakes.complete(null);
        writer.breakOff();
        writer.writeSoon(Frame.reset(1, Frame.CANCEL));
        trail.await("3 of 1");
        assertTrue(writer.awaitWritten(Await.TIME));
    }

    @Test
    void endOfWaitsReachesNoCodeBehindThem() throws Exception {
        socketTakes.complete(null);
        CompletableFuture<Void> windowsOpen = new CompletableFuture<>();
        List<CompletableFuture<Boolean>> interrupted = List.of(new CompletableFuture<>(), new CompletableFuture<>());
        List<Thread> streams = interrupted.stream().map(behind -> Thread.ofVirtual().start(() -> {
            // in the place of a wait that has ended when the interrupt comes
            windowsOpen.join();
            behind.complete(Thread.currentThread().isInterrupted());
            writer.writeNow(BufferData.create(Http2Client.data(1, new byte[1], false)));
            trail.add("interrupted " + Thread.currentThread().isInterrupted());
            writer.writesNoMore();
        })).toList();
        streams.forEach(Await::untilBlocked);
        streams.forEach(thread -> writer.endWait(thread, it -> true));
        windowsOpen.complete(null);
        for (Thread thread : streams) {
            assertTrue(thread.join(Await.TIME));
        }
        for (CompletableFuture<Boolean> behind : interrupted) {
            assertTrue(behind.get());
        }
        assertEquals(2, trail.events().stream().filter("interrupted false"::equals).count(), trail.events()::toString);
    }

    @Test
    void threadThatWritesNoMoreIsForgottenWithItsInterrupt() {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread stream = Thread.ofVirtual().start(() -> {
            end.join();
            writer.writesNoMore();
            trail.add("interrupted " + Thread.currentThread().isInterrupted());
        });
        Await.untilBlocked(stream);
        writer.endWait(stream, it -> true);
        end.complete(null);
        trail.await("interrupted false");
    }

    @Test
    void framesAreWrittenInOrderOnceAThreadCanBeStartedThatWrites() {
        ScarceThreads threads = new ScarceThreads(Integer.MAX_VALUE);
        FrameWriter scarce = new FrameWriter(new Socket(), new Everything(), () -> trail.add("broken"), threads);
        socketTakes.complete(null);
        scarce.writeSoon(Frame.reset(1, Frame.CANCEL));
        scarce.writeNow(BufferData.create(Frame.reset(3, Frame.CANCEL)));
        assertFalse(scarce.awaitWritten(Duration.ZERO));
        assertEquals(List.of(), trail.events());
        threads.recover();
        assertTrue(scarce.awaitWritten(Await.TIME));
        assertEquals(List.of("3 of 1", "3 of 3"), trail.events());
    }

    @Test
    void oneThreadWritesEvenIfAnotherRunsWhoseStartHasThrown() throws Exception {
        ScarceThreads threads = ScarceThreads.thatRunAllTheSame(1);
        FrameWriter scarce = new FrameWriter(new Socket(), new Everything(), () -> trail.add("broken"), threads);
        scarce.writeSoon(Frame.reset(1, Frame.CANCEL));
        // the thread that is started instead now writes, and waits for the socket
        Await.until("it writes", () -> scarce.meter.isBlocked());
        scarce.writeSoon(Frame.reset(3, Frame.CANCEL));
        threads.awaitGhost();
        socketTakes.complete(null);
        assertTrue(scarce.awaitWritten(Await.TIME));
        assertEquals(List.of("3 of 1", "3 of 3"), trail.events());
    }

    /** All later frames would be queued for a thread that writes no more. */
    @Test
    void connectionIsBrokenOnceAWriteHasNoMemory() {
        socketTakes.completeExceptionally(new OutOfMemoryError("Cannot reserve direct buffer memory"));
        writer.writeSoon(Frame.reset(1, Frame.CANCEL));
        trail.await("broken");
        assertTrue(writer.awaitWritten(Await.TIME));
        assertThrows(UncheckedIOException.class, () -> writer.writeNow(BufferData.create(Frame.reset(3, Frame.CANCEL))));
        assertEquals(List.of("broken"), trail.events());
    }

    /** A client that counts as having its whole response has not left, so that its departure would be ignored. */
    @Test
    void responseIsNotDeliveredBeforeTheConnectionIsReportedAsBroken() {
        FrameWriter.Filter filter = new Everything() {
            @Override
            public void wrote(boolean successfully) {
                if (!successfully) {
                    trail.add("not delivered");
                }
            }
        };
        FrameWriter breaking = new FrameWriter(new Socket(), filter, () -> trail.add("broken"), "writer");
        socketTakes.completeExceptionally(new IllegalStateException("reset"));
        breaking.writeSoon(Frame.reset(1, Frame.CANCEL));
        assertTrue(breaking.awaitWritten(Await.TIME));
        assertEquals(List.of("not delivered", "broken"), trail.events());
    }

    @Test
    void nothingWaitsForAWriterThatHasNoMemoryToReportItsFailure() {
        FrameWriter scarce = new FrameWriter(new Socket(), new Everything(), () -> {
            throw new OutOfMemoryError("Java heap space");
        }, "writer");
        socketTakes.completeExceptionally(new IllegalStateException("reset"));
        scarce.writeSoon(Frame.reset(1, Frame.CANCEL));
        assertTrue(scarce.awaitWritten(Await.TIME));
    }

    @Test
    void threadWaitsForRoomWhileNoThreadCanBeStartedThatWrites() {
        ScarceThreads threads = new ScarceThreads(Integer.MAX_VALUE);
        FrameWriter scarce = new FrameWriter(new Socket(), new Everything(), () -> trail.add("broken"), threads);
        Thread responding = respond(scarce);
        socketTakes.complete(null);
        threads.recover();
        Await.until("all is queued", () -> !responding.isAlive());
        assertTrue(scarce.awaitWritten(Await.TIME));
        assertEquals(10, trail.events().stream().filter(it -> it.startsWith("0 of ")).count(), trail.events()::toString);
    }

    /** It would keep its permit for ever. */
    @Test
    void threadThatWaitsForRoomFailsWithTheConnectionIfNoneCouldBeStartedThatWrites() {
        FrameWriter scarce = new FrameWriter(new Socket(), new Everything(), () -> trail.add("broken"),
                                             new ScarceThreads(Integer.MAX_VALUE));
        respond(scarce);
        scarce.breakOff();
        trail.await("failed");
        assertTrue(scarce.awaitWritten(Duration.ZERO));
        assertEquals(List.of("failed"), trail.events());
    }

    private Thread respond(FrameWriter writer) {
        Thread responding = Thread.ofVirtual().start(() -> {
            try {
                for (int id = 1; id < 20; id += 2) {
                    writer.writeNow(BufferData.create(Http2Client.data(id, new byte[16 * 1024], false)));
                }
            } catch (UncheckedIOException e) {
                trail.add("failed");
            }
        });
        Await.untilBlocked(responding);
        return responding;
    }

    /** Absorbs what would give back a part of a window, and lets all else pass. */
    private static class Everything implements FrameWriter.Filter {
        @Override
        public boolean absorbs(Frame header, BufferData frame) {
            return header.type() == Frame.WINDOW_UPDATE;
        }

        @Override
        public boolean drops(Frame header) {
            return false;
        }

        @Override
        public BufferData filter(Frame header, BufferData frame) {
            return frame;
        }

        @Override
        public void writes() {
        }

        @Override
        public void wrote(boolean successfully) {
        }
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
            try {
                socketTakes.get();
            } catch (InterruptedException e) {
                // as a channel does, which closes itself
                Thread.currentThread().interrupt();
                throw new UncheckedIOException(new ClosedByInterruptException());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw new IllegalStateException(e);
            }
            byte[] header = new byte[Frame.HEADER_LENGTH];
            while (buffer.available() > 0) {
                buffer.read(header);
                Frame frame = Frame.parse(header);
                if (frame.type() == Frame.WINDOW_UPDATE) {
                    increments.add(buffer.readInt32());
                } else {
                    buffer.skip(frame.length());
                }
                trail.add(frame.type() + " of " + frame.streamId());
            }
        }
    }
}

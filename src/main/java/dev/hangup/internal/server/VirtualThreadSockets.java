package dev.hangup.internal.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The JDK's means to let virtual threads wait for sockets. They are created when a virtual thread waits for the first time, and
 * take file descriptors. If there are none at that moment, no virtual thread can ever wait for a socket in this JVM ({@code
 * sun.nio.ch.Poller}, JDK 25). So a virtual thread waits once before a server starts.
 */
final class VirtualThreadSockets {
    private static final long PAUSE_NANOS = 100_000;
    private static final Lock LOCK = new ReentrantLock();
    /** Guarded by the lock. */
    private static boolean ready;

    private VirtualThreadSockets() {
    }

    /** Returns when virtual threads can wait for sockets; throws {@link IllegalStateException} if they never will. */
    static void ensureReady() {
        LOCK.lock();
        try {
            if (!ready) {
                waitOnce();
                ready = true;
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("Virtual threads of this JVM cannot wait for sockets", e);
        } finally {
            LOCK.unlock();
        }
    }

    private static void waitOnce() throws IOException {
        CompletableFuture<Void> read = new CompletableFuture<>();
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source(); Pipe.SinkChannel sink = pipe.sink()) {
            Thread waiting = Thread.ofVirtual().name("hangup-first-wait").start(() -> {
                try {
                    source.read(ByteBuffer.allocate(1));
                    read.complete(null);
                } catch (IOException | RuntimeException | Error e) {
                    read.completeExceptionally(e);
                }
            });
            // a byte that is there already would be read without a wait
            while (waiting.isAlive() && waiting.getState() != Thread.State.WAITING) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            sink.write(ByteBuffer.allocate(1));
            read.join();
        }
    }
}

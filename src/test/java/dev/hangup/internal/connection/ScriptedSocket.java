package dev.hangup.internal.connection;

import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.hangup.testing.Trail;

/** A socket that gives what a test says, and that tells of each read when it begins. */
final class ScriptedSocket implements Supplier<byte[]> {
    private final Trail trail;
    private final BlockingQueue<Supplier<byte[]>> script = new LinkedBlockingQueue<>();
    private final AtomicReference<Thread> reader = new AtomicReference<>();
    private volatile Thread lastReader;

    ScriptedSocket(Trail trail) {
        this.trail = trail;
    }

    void sends(byte[] bytes) {
        script.add(() -> bytes);
    }

    void ends() {
        script.add(() -> null);
    }

    void fails(RuntimeException failure) {
        script.add(() -> {
            throw failure;
        });
    }

    void breaks(Error error) {
        script.add(() -> {
            throw error;
        });
    }

    /** Waits until the thread that has read last will read no more. */
    void awaitReadersEnd() throws InterruptedException {
        lastReader.join();
    }

    /** As {@link #awaitReadersEnd()}, once it has read so many times. */
    void awaitReadersEndAfter(int reads) throws InterruptedException {
        trail.await("read", reads);
        awaitReadersEnd();
    }

    /** Who has read last. */
    Thread lastReader() {
        return lastReader;
    }

    @Override
    public byte[] get() {
        if (!reader.compareAndSet(null, Thread.currentThread())) {
            throw new AssertionError("Two readers: " + reader.get() + " and " + Thread.currentThread());
        }
        lastReader = Thread.currentThread();
        trail.add("read");
        try {
            return script.take().get();
        } catch (InterruptedException e) {
            trail.add("closed by interrupt");
            throw new UncheckedIOException(new ClosedByInterruptException());
        } finally {
            reader.set(null);
        }
    }
}

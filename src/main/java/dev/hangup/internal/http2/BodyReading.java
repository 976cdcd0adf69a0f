package dev.hangup.internal.http2;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import dev.hangup.internal.connection.RequestOverException;
import dev.hangup.internal.time.Timer;

import io.helidon.http.RequestException;

/**
 * The body of an HTTP/2 request as a handler reads it. When Helidon has ended the connection because of a fault of the client, a
 * handler waits for the rest of the body for ever ({@code Http2ServerStream.readEntityFromPipeline} of 4.5.0). An interrupt ends
 * that wait, but looks like the end of the body; so reads fail after it. When the
 * client has reset the stream, Helidon throws a {@code RequestException} with status 500, as if the server were at fault.
 */
final class BodyReading extends FilterInputStream {
    private static final Duration WAITS_AFTER = Duration.ofMillis(20);

    private final BooleanSupplier lost;
    /** Guards the two fields below, so that the interrupt arrives within a read or not at all. */
    private final Lock lock = new ReentrantLock();
    private Thread reading;
    private boolean interrupted;

    /**
     * @param lost returns whether the connection has ended before the body
     */
    BodyReading(InputStream body, BooleanSupplier lost) {
        super(body);
        this.lost = lost;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        begin();
        int read;
        try {
            read = super.read(bytes, offset, length);
        } catch (RequestException e) {
            throw new RequestOverException("The stream has ended before the body of the request", e);
        } finally {
            end();
        }
        ensureNotLost();
        return read;
    }

    /** Ends a read that waits for bytes that can no longer arrive. */
    void connectionOver() {
        lock.lock();
        try {
            if (reading == null || !lost.getAsBoolean()) {
                return;
            }
            if (reading.getState() == Thread.State.WAITING) {
                interrupted = true;
                reading.interrupt();
            }
        } finally {
            lock.unlock();
        }
        Timer.after(WAITS_AFTER, this::connectionOver);
    }

    private void begin() throws IOException {
        lock.lock();
        try {
            reading = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        if (lost.getAsBoolean()) {
            end();
            ensureNotLost();
        }
    }

    private void end() {
        lock.lock();
        try {
            reading = null;
            if (interrupted) {
                interrupted = false;
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
    }

    private void ensureNotLost() throws IOException {
        if (lost.getAsBoolean()) {
            throw new RequestOverException("The connection has ended before the body of the request", null);
        }
    }
}

package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

import dev.hangup.internal.connection.RequestOverException;

import io.helidon.http.RequestException;

/**
 * The body of an HTTP/2 request as a handler reads it. A truncated body never looks complete: once the connection has ended
 * before the body, reads fail, including those that {@link EndlessWait} has interrupted, for which Helidon returns the end of the
 * body. When the client has reset the stream, Helidon throws a {@code RequestException} with status 500, as if the server were
 * at fault.
 */
final class BodyReading extends InputStream {
    private final InputStream body;
    private final BooleanSupplier lost;
    /** Written by the thread that reads, before each read. */
    private volatile Thread reader;

    /**
     * @param lost returns whether the connection has ended before the body
     */
    BodyReading(InputStream body, BooleanSupplier lost) {
        this.body = body;
        this.lost = lost;
    }

    /** The thread that has read last; {@code null} if none has. */
    Thread reader() {
        return reader;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        reader = Thread.currentThread();
        ensureNotLost();
        int read;
        try {
            read = body.read(bytes, offset, length);
        } catch (RequestException e) {
            throw over(e);
        }
        ensureNotLost();
        return read;
    }

    @Override
    public int available() throws IOException {
        return body.available();
    }

    /** Helidon's stream reads when it is closed, unless there is nothing more to read. */
    @Override
    public void close() throws IOException {
        reader = Thread.currentThread();
        if (lost.getAsBoolean()) {
            return;
        }
        try {
            body.close();
        } catch (RequestException e) {
            throw over(e);
        }
    }

    private static RequestOverException over(RequestException e) {
        return new RequestOverException("The stream has ended before the body of the request", e);
    }

    private void ensureNotLost() throws IOException {
        if (lost.getAsBoolean()) {
            throw new RequestOverException("The connection has ended before the body of the request", null);
        }
    }
}

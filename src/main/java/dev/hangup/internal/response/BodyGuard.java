package dev.hangup.internal.response;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * The body of an HTTP/2 request as its work reads it. Helidon 4.5.0 takes an interrupt of who waits for more of a body for
 * the body's end, and swallows it ({@code Http2ServerStream.readEntityFromPipeline}); work that was stopped must not take what
 * it has got for the whole, and go on. The same with HTTP/1.1 for a body whose client waits to be told to go on: once the
 * request is answered, Helidon takes it for empty ({@code Http1ServerRequestWithEntity.reset}).
 */
public final class BodyGuard extends FilterInputStream {
    private final ResponseView view;
    private final Thread answering;

    /**
     * @param view      tells that the work was cut off; it is before it is interrupted
     * @param answering the only thread that may read on when the work was stopped: to throw away what it reads
     */
    public BodyGuard(InputStream body, ResponseView view, Thread answering) {
        super(body);
        this.view = view;
        this.answering = answering;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        ensureWanted();
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        ensureWanted();
        return read;
    }

    private void ensureWanted() throws IOException {
        if (!view.attached() && Thread.currentThread() != answering) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The request is over");
        }
    }
}

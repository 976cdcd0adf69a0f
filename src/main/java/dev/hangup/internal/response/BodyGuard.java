package dev.hangup.internal.response;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * The body of an HTTP/2 request as its work reads it. When a thread that waits for more of the body is interrupted, Helidon 4.5.0
 * reports the end of the body and swallows the interrupt ({@code Http2ServerStream.readEntityFromPipeline}). Cancelled work must
 * not mistake the part that it has read for the whole body and continue. In HTTP/1.1 the same applies to a body whose client
 * waits for {@code 100 Continue}: once the response is sent, Helidon treats the body as empty ({@code
 * Http1ServerRequestWithEntity.reset}).
 */
public final class BodyGuard extends FilterInputStream {
    private final ResponseView view;
    private final Thread answering;

    /**
     * @param view      shows whether the response was revoked, which precedes the interrupt of the work
     * @param answering the only thread that may read once the work is cancelled, to discard the rest
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

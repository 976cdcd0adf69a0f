package dev.hangup.internal.response;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.RequestOverException;

/**
 * The body of a request as its work reads it.
 * <p>
 * A thread that the work has left behind cannot read it once the work has ended ({@link Exchange#mayRead}).
 * <p>
 * Nor can cancelled work. When a thread that waits for more of an HTTP/2 body is interrupted, Helidon 4.5.0 reports the end of
 * the body and swallows the interrupt ({@code Http2ServerStream.readEntityFromPipeline}). Cancelled work must not mistake the part
 * that it has read for the whole body and continue. In HTTP/1.1 the same applies to a body whose client waits for {@code 100
 * Continue}: once the response is sent, Helidon treats the body as empty ({@code Http1ServerRequestWithEntity.reset}).
 */
public final class BodyGuard extends InputStream {
    private final InputStream body;
    private final ResponseView view;
    private final Exchange exchange;
    private final Thread responding;

    /**
     * @param view      shows whether the response was revoked, which precedes the interrupt of the work
     * @param exchange  knows whether work is running
     * @param responding the only thread that may read once the work has ended or is cancelled, to discard the rest
     */
    public BodyGuard(InputStream body, ResponseView view, Exchange exchange, Thread responding) {
        this.body = body;
        this.exchange = exchange;
        this.view = view;
        this.responding = responding;
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
            read = body.read(bytes, offset, length);
        } finally {
            exchange.hasRead();
        }
        ensureWanted();
        return read;
    }

    @Override
    public int available() throws IOException {
        return body.available();
    }

    @Override
    public boolean markSupported() {
        return body.markSupported();
    }

    @Override
    public void mark(int limit) {
        body.mark(limit);
    }

    @Override
    public void reset() throws IOException {
        body.reset();
    }

    /** Helidon's stream reads when it is closed. */
    @Override
    public void close() throws IOException {
        begin();
        try {
            body.close();
        } finally {
            exchange.hasRead();
        }
    }

    private void begin() throws IOException {
        if (!exchange.mayRead(responding)) {
            throw new RequestOverException();
        }
    }

    private void ensureWanted() throws IOException {
        if (!view.attached() && Thread.currentThread() != responding) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The request is over");
        }
    }
}

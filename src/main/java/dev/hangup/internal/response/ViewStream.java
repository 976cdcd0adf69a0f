package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;

import dev.hangup.internal.connection.RequestOverException;

import io.helidon.http.http2.Http2Exception;

/**
 * The stream of a {@link ResponseView}. It buffers what Helidon's own buffer would also hold back, so that the decision finds the
 * response unused as long as no byte must be sent. After that the stream delegates, as long as the view is attached. Each call to
 * the real stream is marked as a write of the response, which may wait for the client.
 */
final class ViewStream extends OutputStream {
    private final ResponseView view;
    private final ResponseOwnership ownership;
    /** Whether a sink writes to it, which commits the response once it has closed this stream. */
    private final boolean ofSink;
    /** {@code null} once the response is acquired. */
    private BufferedWrites buffered;
    /** The real stream, once the response is acquired. */
    private OutputStream real;

    /**
     * @param limit      the number of bytes that no longer fit in Helidon's buffer
     * @param holdsFirst whether Helidon holds a first write that does not fit until the second write
     */
    ViewStream(ResponseView view, int limit, boolean holdsFirst) {
        this.view = view;
        this.ownership = view.ownership;
        this.buffered = new BufferedWrites(limit, holdsFirst);
        this.ofSink = false;
    }

    /** Creates a stream of a response that was acquired before. */
    ViewStream(ResponseView view, OutputStream real, boolean ofSink) {
        this.view = view;
        this.ownership = view.ownership;
        this.real = real;
        this.ofSink = ofSink;
    }

    @Override
    public void write(int b) throws IOException {
        ensureAttached();
        if (real == null && buffered.hasRoom(1)) {
            buffered.write((byte) b);
            return;
        }
        ensureOpen();
        mark();
        try {
            real.write(b);
        } catch (RuntimeException e) {
            throw failed(e);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ensureAttached();
        if (real == null && buffered.hasRoom(length)) {
            buffered.write(bytes, offset, length);
            return;
        }
        ensureOpen();
        mark();
        try {
            real.write(bytes, offset, length);
        } catch (RuntimeException e) {
            throw failed(e);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void flush() throws IOException {
        ensureAttached();
        // over HTTP/2, Helidon sends the headers at a flush after any write, even an empty one
        if (real == null && (view.http1 ? buffered.noBytes() : buffered.noWrites())) {
            buffered.flush();
            return;
        }
        ensureOpen();
        mark();
        try {
            real.flush();
        } catch (RuntimeException e) {
            throw failed(e);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void close() throws IOException {
        if (real == null) {
            buffered.close();
        } else if (view.attached()) {
            view.streamCloses();
            mark();
            try {
                real.close();
                if (ofSink) {
                    // the sink would do so next, unmarked
                    view.commitReal();
                }
            } finally {
                ownership.wrote();
            }
        }
    }

    /** Acquires the response, if possible, and replays the buffered calls. */
    void open() throws IOException {
        if (real == null && view.streamsTo(this) && view.acquire()) {
            real = view.realStream();
            BufferedWrites calls = buffered;
            buffered = null;
            mark();
            try {
                calls.replayTo(real);
            } finally {
                ownership.wrote();
            }
        }
    }

    /** Called before bytes are passed to the real stream; {@link ResponseOwnership#wrote} follows. */
    private void mark() throws RequestOverException {
        if (!ownership.writes()) {
            throw new RequestOverException();
        }
    }

    private void ensureOpen() throws IOException {
        open();
        ensureAttached();
    }

    /**
     * Returns the exception for a write that has failed. If the work has lost, its interrupt has ended the wait of Helidon 4.5.0
     * for the client's window, but the exception does not say so ({@code WindowSizeImpl.Outbound.blockTillUpdate}).
     */
    private RuntimeException failed(RuntimeException failure) throws IOException {
        // the class is present if the response is an HTTP/2 response
        if (!view.attached() && !view.http1 && failure instanceof Http2Exception) {
            throw view.over(failure);
        }
        return failure;
    }

    private void ensureAttached() throws IOException {
        if (!view.attached()) {
            throw view.over(null);
        }
        if (real == null && !view.streamsTo(this)) {
            throw new IOException("The response was reset");
        }
    }
}

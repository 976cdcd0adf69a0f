package dev.hangup.race;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * The stream of a {@link ResponseView}. It holds back what Helidon's own buffer would hold back too, so that until the
 * first byte has to go out the decision can still find the response unused; after that it hands on, as long as the
 * view is attached.
 */
final class ViewStream extends OutputStream {
    private static final int FIRST_SIZE = 256;

    private final ResponseView view;
    private final int holds;
    private byte[] held = new byte[0];
    private int count;
    private boolean flushed;
    private boolean closed;
    /** The real stream, once the response was taken. */
    private OutputStream real;

    /**
     * @param holds how many bytes may be held back
     */
    ViewStream(ResponseView view, int holds) {
        this.view = view;
        this.holds = holds;
    }

    /** A stream of a response that was taken before. */
    ViewStream(ResponseView view, OutputStream real) {
        this(view, 0);
        this.real = real;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ensureAttached();
        if (real == null && count + length < holds) {
            hold(bytes, offset, length);
            return;
        }
        ensureOpen();
        real.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        ensureAttached();
        if (real == null && count == 0) {
            flushed = true;
            return;
        }
        ensureOpen();
        real.flush();
    }

    @Override
    public void close() {
        closed = true;
        view.finish();
        if (real != null && view.attached()) {
            closeReal();
        }
    }

    /** Takes the response, if it can still be had, and writes what was held back. */
    void open() {
        if (real != null || !view.take()) {
            return;
        }
        real = view.realStream();
        try {
            if (flushed) {
                real.flush();
            }
            if (count > 0) {
                real.write(held, 0, count);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        held = null;
        if (closed) {
            closeReal();
        }
    }

    private void hold(byte[] bytes, int offset, int length) {
        if (held.length < count + length) {
            held = Arrays.copyOf(held, Math.min(holds, Math.max(FIRST_SIZE, 2 * (count + length))));
        }
        System.arraycopy(bytes, offset, held, count, length);
        count += length;
    }

    private void ensureOpen() throws IOException {
        open();
        ensureAttached();
    }

    private void ensureAttached() throws IOException {
        if (!view.attached()) {
            throw new IOException("The request is over: " + view.status().text());
        }
    }

    private void closeReal() {
        try {
            real.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

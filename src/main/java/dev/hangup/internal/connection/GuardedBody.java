package dev.hangup.internal.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * The body of a request, with a guard that may change from read to read: a request may have several races, and handlers outside of
 * any.
 */
public final class GuardedBody extends InputStream {
    private final InputStream body;
    private final boolean mayWait;
    private final Supplier<ReadGuard> guard;

    /**
     * @param mayWait whether reads may wait for the client. If not, the whole body is in memory, and any thread may read it
     * @param guard   returns the guard of the next read; {@code null} for none
     */
    public GuardedBody(InputStream body, boolean mayWait, Supplier<ReadGuard> guard) {
        this.body = body;
        this.mayWait = mayWait;
        this.guard = guard;
    }

    /** Whether reads of a body of Helidon may wait for the client: not if a handler or filter has had Helidon buffer the body. */
    public static boolean mayWait(InputStream body) {
        return !(body instanceof ByteArrayInputStream);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        ReadGuard guarding = guard.get();
        if (guarding == null) {
            return body.read(bytes, offset, length);
        }
        int read = mayWait ? waiting(guarding, bytes, offset, length) : body.read(bytes, offset, length);
        guarding.ensureWanted(mayWait);
        return read;
    }

    private int waiting(ReadGuard guarding, byte[] bytes, int offset, int length) throws IOException {
        guarding.begins();
        try {
            return body.read(bytes, offset, length);
        } finally {
            guarding.ends();
        }
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
        ReadGuard guarding = guard.get();
        if (guarding == null || !mayWait) {
            body.close();
            return;
        }
        guarding.begins();
        try {
            body.close();
        } finally {
            guarding.ends();
        }
    }
}

package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;

import dev.hangup.internal.connection.RequestOverException;

/** The real stream of a response. Each call is marked as a write of the response, which may wait for the client. */
final class MarkedStream extends OutputStream {
    private final ResponseOwnership ownership;
    private final OutputStream real;

    MarkedStream(ResponseOwnership ownership, OutputStream real) {
        this.ownership = ownership;
        this.real = real;
    }

    @Override
    public void write(int b) throws IOException {
        begin();
        try {
            real.write(b);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        begin();
        try {
            real.write(bytes, offset, length);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void flush() throws IOException {
        begin();
        try {
            real.flush();
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void close() throws IOException {
        begin();
        try {
            real.close();
        } finally {
            ownership.wrote();
        }
    }

    private void begin() throws RequestOverException {
        if (!ownership.writes()) {
            throw new RequestOverException();
        }
    }
}

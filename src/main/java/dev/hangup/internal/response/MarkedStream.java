package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;

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
        ownership.writes();
        try {
            real.write(b);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ownership.writes();
        try {
            real.write(bytes, offset, length);
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void flush() throws IOException {
        ownership.writes();
        try {
            real.flush();
        } finally {
            ownership.wrote();
        }
    }

    @Override
    public void close() throws IOException {
        ownership.writes();
        try {
            real.close();
        } finally {
            ownership.wrote();
        }
    }
}

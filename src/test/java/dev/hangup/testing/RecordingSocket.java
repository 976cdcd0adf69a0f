package dev.hangup.testing;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A client's connection that remembers what came over it, to tell whether TLS was ended in good order. */
public final class RecordingSocket extends Socket {
    private static final int HEADER = 5;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;
    /** Under TLS 1.3: level and description, the type, the JDK's padding, and the tag. */
    private static final int HIDDEN_ALERT = 2 + 1 + 16 + 16;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    /** Connected. */
    public RecordingSocket(int port) throws IOException {
        super(InetAddress.getLoopbackAddress(), port);
    }

    /** Whether the last that came was an alert, which without an error is the close_notify. */
    public boolean endedInGoodOrder() {
        ByteBuffer records = ByteBuffer.wrap(received.toByteArray());
        boolean alert = false;
        while (records.remaining() >= HEADER) {
            int type = records.get();
            int length = records.getShort(records.position() + 2);
            records.position(records.position() + 4);
            if (records.remaining() < length) {
                return false;
            }
            records.position(records.position() + length);
            alert = type == ALERT || type == APPLICATION_DATA && length == HIDDEN_ALERT;
        }
        return alert && !records.hasRemaining();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                int b = super.read();
                if (b >= 0) {
                    received.write(b);
                }
                return b;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int read = super.read(bytes, offset, length);
                if (read > 0) {
                    received.write(bytes, offset, read);
                }
                return read;
            }
        };
    }
}

package dev.hangup.internal.http2;

import java.util.function.LongSupplier;

/**
 * The meter of the response on one stream. While the stream's own window is closed, the bytes of the stream count. While that
 * window has room, the stream only waits for its turn on the connection, so all bytes of the connection count. Used by one
 * thread.
 */
final class StreamMeter implements LongSupplier {
    private final Http2Exchange stream;
    private final FlowControl connection;
    private long streamBefore;
    private long connectionBefore;
    private long taken;

    StreamMeter(Http2Exchange stream, FlowControl connection) {
        this.stream = stream;
        this.connection = connection;
        this.streamBefore = stream.sent();
        this.connectionBefore = connection.sent();
    }

    @Override
    public long getAsLong() {
        long onStream = stream.sent();
        long onConnection = connection.sent();
        boolean hasRoom = stream.sendWindow.get() > 0;
        taken += hasRoom ? onConnection - connectionBefore : onStream - streamBefore;
        streamBefore = onStream;
        connectionBefore = onConnection;
        return taken;
    }
}

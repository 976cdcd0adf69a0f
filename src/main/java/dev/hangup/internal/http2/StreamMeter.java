package dev.hangup.internal.http2;

import java.util.function.LongSupplier;

/**
 * The meter of the response on one stream. What the stream sends counts; while its own window has room, so that it can only wait
 * for its turn on the connection, whatever the connection sends. Used by one thread.
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
        boolean hasRoom = stream.sendWindow().get() > 0;
        taken += hasRoom ? onConnection - connectionBefore : onStream - streamBefore;
        streamBefore = onStream;
        connectionBefore = onConnection;
        return taken;
    }
}

package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.time.Duration;

import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.spi.ProtocolConfig;

/**
 * The limits of an HTTP/2 listener for its clients, as configured by {@code protocols.http_2}. Hangup enforces all limits, since
 * it receives every frame first; Helidon receives a configuration that admits what Hangup passes.
 *
 * @param maxFrameSize      bytes of payload, 2^14 to 2^24-1
 * @param maxHeaderListSize announced limit for the size of header lists, in bytes (RFC 9113, 6.5.2)
 * @param maxStreams        maximum number of open streams of a connection; see also {@link #maxRunning}
 * @param window            bytes that may be under way or unread on a stream; also on the connection, if not less than {@link
 *                          #DEFAULT_WINDOW}
 * @param maxEmptyFrames    maximum number of consecutive frames without content
 * @param maxResets         maximum number of requests of a connection that may be cut short within {@code resetPeriod}; -1 for no
 *                          limit. A request is cut short, once, by the reset of its stream: by the client before the response has
 *                          begun, or by the server because of an error of the client
 * @param resetPeriod       positive
 * @param validatePath      whether paths with characters that are not allowed are refused
 */
record Http2Limits(int maxFrameSize, int maxHeaderListSize, long maxStreams, int window, int maxEmptyFrames, int maxResets,
                   Duration resetPeriod, boolean validatePath) {
    /** The initial window in both directions (RFC 9113, 6.9.2). */
    static final int DEFAULT_WINDOW = 65_535;

    private static final long MIN_RUNNING = 100;
    /** The maximum value of a setting (RFC 9113, 6.5.1). */
    private static final long MAX_VALUE = 0xffff_ffffL;
    private static final int ENABLE_PUSH = 2;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int MAX_HEADER_LIST_SIZE = 6;

    /** Returns the limits of Helidon's HTTP/2 configuration. */
    static Http2Limits of(ProtocolConfig config) {
        Http2Config http2 = (Http2Config) config;
        return new Http2Limits(http2.maxFrameSize(), (int) Math.min(Integer.MAX_VALUE / 2, http2.maxHeaderListSize()),
                               http2.maxConcurrentStreams(), http2.initialWindowSize(), http2.maxEmptyFrames(),
                               http2.maxRapidResets(), http2.rapidResetCheckPeriod(), http2.validatePath());
    }

    /**
     * Returns the configuration that Helidon receives instead.
     * <p>
     * With a window of the default size, Helidon sends a window update for each frame that a handler has read ({@code
     * WindowSizeImpl} of 4.5.0), which shows how much of its queue is free. With Helidon's own limits, one stream too many, or
     * too many resets, would end the connection and all its requests ({@code Http2Connection.activateStream}, {@code
     * Http2ConnectionChecks}). Hangup passes at most half as many streams at a time. But Helidon does not forget those that it
     * refuses because of an unknown {@code Content-Encoding} ({@code Http2ServerStream.handle}), so these end the connection before
     * they fill the heap.
     */
    Http2Config forHelidon(ProtocolConfig config) {
        return Http2Config.builder((Http2Config) config)
                .initialWindowSize(DEFAULT_WINDOW)
                .maxConcurrentStreams(Math.min(MAX_VALUE, 2 * maxRunning()))
                .maxHeaderListSize(maxBlockSize())
                .maxRapidResets(-1)
                // an invalid one would end the connection, see Http2Routing
                .validatePath(false)
                .buildPrototype();
    }

    /**
     * Returns these limits with a window that the read-ahead of a connection can hold, including what it costs to hold it. A client
     * whose data is not read could otherwise use up the read-ahead within its window, and nothing of its connection would be read.
     *
     * @param readAhead bytes that one connection may read ahead
     */
    Http2Limits within(int readAhead) {
        int most = Math.max(DEFAULT_WINDOW, readAhead / 2);
        return window <= most
                ? this
                : new Http2Limits(maxFrameSize, maxHeaderListSize, maxStreams, most, maxEmptyFrames, maxResets, resetPeriod,
                                  validatePath);
    }

    /**
     * The maximum number of requests of a connection that the server runs. A stream is closed as soon as its client resets it, or
     * as its response is complete, but its request may go on: cancelled work takes its time to end, and that of a plain route is
     * not cancelled. So more requests may run than streams are open, but their number is bounded: as in Kestrel, by twice the
     * number of streams, though by at least 100, since a client may cancel many requests at once and begin others.
     */
    long maxRunning() {
        return Math.max(MIN_RUNNING, 2 * Math.min(MAX_VALUE, maxStreams));
    }

    /** The maximum size of the header block of one request: that of a frame, plus what Helidon accepts in further frames. */
    int maxBlockSize() {
        return maxFrameSize + maxHeaderListSize;
    }

    int connectionWindow() {
        return Math.max(window, DEFAULT_WINDOW);
    }

    /** The SETTINGS frame for the client, and the update that enlarges the connection's window to that of the streams. */
    byte[] announcement() {
        ByteBuffer settings = ByteBuffer.allocate(5 * 6);
        put(settings, ENABLE_PUSH, 0);
        put(settings, MAX_CONCURRENT_STREAMS, maxStreams);
        put(settings, INITIAL_WINDOW_SIZE, window);
        put(settings, MAX_FRAME_SIZE, maxFrameSize);
        put(settings, MAX_HEADER_LIST_SIZE, maxHeaderListSize);
        byte[] first = Frame.settings(settings.array());
        if (connectionWindow() == DEFAULT_WINDOW) {
            return first;
        }
        byte[] second = Frame.windowUpdate(0, connectionWindow() - DEFAULT_WINDOW);
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }

    private static void put(ByteBuffer settings, int identifier, long value) {
        settings.putShort((short) identifier).putInt((int) Math.min(MAX_VALUE, value));
    }
}

package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.time.Duration;

import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.spi.ProtocolConfig;

/**
 * What an HTTP/2 listener allows its clients, as its {@code protocols.http_2} has it. Hangup enforces all of it, since it
 * sees every frame first; Helidon is given a configuration that lets it through.
 *
 * @param maxFrameSize      bytes of payload, 2^14 to 2^24-1
 * @param maxHeaderListSize bytes that a client is asked not to exceed (RFC 9113, 6.5.2)
 * @param maxStreams        how many streams of a connection may be open at a time
 * @param window            bytes that may be under way or unread on a stream; on the connection if it is not less than
 *                          {@link #DEFAULT_WINDOW}
 * @param maxEmptyFrames    how many frames without any content may follow each other
 * @param maxResets         how many requests of a connection may be cut short within {@code resetPeriod}; -1 for any number
 * @param resetPeriod       positive
 */
record Http2Limits(int maxFrameSize, int maxHeaderListSize, long maxStreams, int window, int maxEmptyFrames, int maxResets,
                   Duration resetPeriod) {
    /** What both sides may send before they have said anything else (RFC 9113, 6.9.2). */
    static final int DEFAULT_WINDOW = 65_535;

    private static final int ENABLE_PUSH = 2;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int MAX_HEADER_LIST_SIZE = 6;

    /** The limits of a configuration of Helidon's HTTP/2. */
    static Http2Limits of(ProtocolConfig config) {
        Http2Config http2 = (Http2Config) config;
        return new Http2Limits(http2.maxFrameSize(), (int) Math.min(Integer.MAX_VALUE / 2, http2.maxHeaderListSize()),
                               http2.maxConcurrentStreams(), http2.initialWindowSize(), http2.maxEmptyFrames(),
                               http2.maxRapidResets(), http2.rapidResetCheckPeriod());
    }

    /**
     * The configuration that Helidon gets instead.
     * <p>
     * With a window of the default size it gives back what a handler has read frame by frame ({@code WindowSizeImpl} of
     * 4.5.0), which tells how much of its queue is free. One stream too many, or too many that were reset, would end the
     * connection, others' requests included ({@code Http2Connection.activateStream}, {@code Http2ConnectionChecks}).
     */
    Http2Config forHelidon(ProtocolConfig config) {
        return Http2Config.builder((Http2Config) config)
                .initialWindowSize(DEFAULT_WINDOW)
                .maxConcurrentStreams(Integer.MAX_VALUE)
                .maxHeaderListSize(maxBlockSize())
                .maxRapidResets(-1)
                .buildPrototype();
    }

    /** How large the header block of one request may be: as a frame may be, and what Helidon takes in further frames. */
    int maxBlockSize() {
        return maxFrameSize + maxHeaderListSize;
    }

    int connectionWindow() {
        return Math.max(window, DEFAULT_WINDOW);
    }

    /** The SETTINGS frame that a client gets, and what opens the connection's window as far as the streams'. */
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
        settings.putShort((short) identifier).putInt((int) Math.min(0xffff_ffffL, value));
    }
}

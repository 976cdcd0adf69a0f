package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Flow control of one connection (RFC 9113, 5.2), of all streams together and of each: how much the client may send, and how
 * much it takes. The latter may become negative, if the client changes its mind about the windows of all streams.
 */
final class FlowControl {
    private static final int MOST_UPDATES = 1000;
    /** How often the windows may be enlarged besides for each frame of data: some clients do so for the stream and for all. */
    private static final int UPDATES_A_FRAME = 10;

    private final FrameWriter writer;
    private final Http2Streams streams;
    private final ReceiveWindow received;
    /** How much the client takes on all streams. */
    private final AtomicLong sendWindow = new AtomicLong(Http2Limits.DEFAULT_WINDOW);
    /** How many frames of data were sent since the client has enlarged a window. */
    private final AtomicInteger framesSent = new AtomicInteger();
    // owned by the connection's thread, the next two
    private final RateLimit updates = new RateLimit(MOST_UPDATES, Duration.ofSeconds(1));
    /** What the client takes on a new stream. */
    private long initialWindow = Http2Limits.DEFAULT_WINDOW;

    FlowControl(FrameWriter writer, Http2Streams streams, Http2Limits limits) {
        this.writer = writer;
        this.streams = streams;
        this.received = new ReceiveWindow(limits.connectionWindow());
    }

    /** What the client takes on a new stream. For the connection's thread. */
    long initialWindow() {
        return initialWindow;
    }

    /** Takes in data that has come on any stream; {@code false} if that is more than was allowed on all of them. */
    boolean receive(int bytes) {
        return received.receive(bytes);
    }

    /** On the connection's thread: data was dropped, and the client is given back what it may send for it. */
    void dropped(int bytes) {
        int announced = received.release(bytes);
        if (announced > 0) {
            writer.writeWhenRoom(Frame.windowUpdate(0, announced));
        }
    }

    /** Drops what is held of a stream's body, and gives the client back what it may send for it. */
    void discard(Http2Exchange stream) {
        if (stream.input() != null) {
            credit(0, received.release(stream.input().discard()));
        }
    }

    /** The handler of a stream has read some of the body. On any thread. */
    void read(Http2Exchange stream, int bytes) {
        credit(0, received.release(stream.input().read(bytes)));
        if (stream.bodyOpen() && !stream.isReset()) {
            credit(stream.id(), stream.input().release(bytes));
        }
    }

    private void credit(int id, int bytes) {
        if (bytes > 0) {
            writer.writeSoon(Frame.windowUpdate(id, bytes));
        }
    }

    /** A frame of data is sent, on a stream that Helidon may have forgotten ({@code null}). */
    void send(Http2Exchange stream, int bytes) {
        framesSent.incrementAndGet();
        sendWindow.addAndGet(-bytes);
        if (stream != null) {
            stream.sendWindow().addAndGet(-bytes);
        }
    }

    /** On the connection's thread: whether the client enlarges the windows more often than it has a use for. */
    boolean updatedTooOften() {
        updates.allow(UPDATES_A_FRAME * framesSent.getAndSet(0));
        return updates.exceeded();
    }

    /** The client takes more, of a stream or ({@code null}) of all; {@code false} if that is more than there can be. */
    boolean grant(Http2Exchange stream, int bytes) {
        return grant(stream == null ? sendWindow : stream.sendWindow(), bytes);
    }

    /** On the connection's thread: whether a client's windows are such as can be followed (RFC 9113, 6.9.2). */
    boolean apply(ClientSettings settings) {
        if (settings.initialWindow() < 0) {
            return true;
        }
        long more = settings.initialWindow() - initialWindow;
        initialWindow = settings.initialWindow();
        boolean[] possible = {initialWindow <= Integer.MAX_VALUE};
        streams.forEach(stream -> possible[0] &= grant(stream.sendWindow(), more));
        return possible[0];
    }

    private static boolean grant(AtomicLong window, long bytes) {
        return window.addAndGet(bytes) <= Integer.MAX_VALUE;
    }
}

package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Flow control of one connection (RFC 9113, 5.2), for all streams together and for each: how much the client may send, and how
 * much it accepts. The latter may become negative if the client changes the initial window of its streams.
 */
final class FlowControl {
    private static final int MAX_UPDATES = 1000;
    /**
     * Window updates allowed for each frame of data that was sent, and for each KiB: clients enlarge the stream's window and the
     * connection's, some for each frame, others for each piece that the application reads. Go's client sends two updates for 4 KiB.
     */
    private static final int UPDATES_PER_FRAME = 10;
    private static final int BYTES_PER_UPDATE = 1024;

    private final FrameWriter writer;
    private final Http2Streams streams;
    private final ReceiveWindow received;
    /** How much the client accepts on all streams. */
    private final AtomicLong sendWindow = new AtomicLong(Http2Limits.DEFAULT_WINDOW);
    /**
     * The window updates that data has allowed since the client last enlarged a window. They are allowed at any time: a client may
     * read what it has received much later.
     */
    private final AtomicLong allowedUpdates = new AtomicLong();
    /** The number of bytes of data sent on all streams. Guarded by the writer's lock for writers. */
    private volatile long sent;
    // both fields below are owned by the connection's thread
    private final RateLimit updates = new RateLimit(MAX_UPDATES, Duration.ofSeconds(1));
    /** How much the client accepts on a new stream. */
    private long initialWindow = Http2Limits.DEFAULT_WINDOW;

    FlowControl(FrameWriter writer, Http2Streams streams, Http2Limits limits) {
        this.writer = writer;
        this.streams = streams;
        this.received = new ReceiveWindow(limits.connectionWindow(), limits.connectionWindow(), true);
    }

    /** How much the client accepts on a new stream. For the connection's thread. */
    long initialWindow() {
        return initialWindow;
    }

    /** Whether the client accepts nothing on any stream. */
    boolean isClosed() {
        return sendWindow.get() <= 0;
    }

    /** Charges data that has arrived on any stream; {@code false} if it exceeds the window of the connection. */
    boolean receive(int bytes) {
        return received.receive(bytes);
    }

    /** On the connection's thread: returns dropped bytes to the connection's window. */
    void dropped(int bytes) {
        int announced = received.release(bytes);
        if (announced > 0) {
            writer.writeWhenRoom(Frame.windowUpdate(0, announced));
        }
    }

    /** Drops what is held of a stream's body, and returns the bytes to the connection's window. */
    void discard(Http2Exchange stream) {
        if (stream.input != null) {
            credit(0, received.release(stream.input.discard()));
        }
    }

    /** Called when the handler of a stream has read some of the body. On any thread. */
    void read(Http2Exchange stream, int bytes) {
        credit(0, received.release(stream.input.read(bytes)));
        release(stream, bytes);
    }

    /** On the connection's thread: returns bytes of a stream's data that were dropped, while the rest is held. */
    void dropped(Http2Exchange stream, int bytes) {
        credit(0, received.release(stream.input.dropped(bytes)));
        release(stream, bytes);
    }

    private void release(Http2Exchange stream, int bytes) {
        if (stream.bodyOpen() && !stream.isReset()) {
            credit(stream.id, stream.input.release(bytes));
        }
    }

    private void credit(int id, int bytes) {
        if (bytes > 0) {
            writer.enlarge(id, bytes);
        }
    }

    /** Called when a frame of data is sent, on a stream that Helidon may have forgotten ({@code null}). */
    void send(Http2Exchange stream, int bytes) {
        allowedUpdates.addAndGet(UPDATES_PER_FRAME + bytes / BYTES_PER_UPDATE);
        sent += bytes;
        sendWindow.addAndGet(-bytes);
        if (stream != null) {
            stream.sends(bytes);
        }
    }

    /** The number of bytes of data sent on all streams. */
    long sent() {
        return sent;
    }

    /** On the connection's thread: whether the client updates the windows too often. */
    boolean updatedTooOften() {
        updates.allow(allowedUpdates.getAndSet(0));
        return updates.exceeded();
    }

    /** Enlarges the window of a stream or, if {@code null}, of the connection; {@code false} if it exceeds the maximum. */
    boolean grant(Http2Exchange stream, int bytes) {
        return grant(stream == null ? sendWindow : stream.sendWindow, bytes);
    }

    /** On the connection's thread: whether settings change how much the client accepts on a new stream. */
    boolean isChangedBy(ClientSettings settings) {
        return settings.initialWindow() >= 0 && settings.initialWindow() != initialWindow;
    }

    /**
     * On the connection's thread: applies the client's initial window; {@code false} if a window exceeds the maximum (RFC 9113,
     * 6.9.2).
     */
    boolean apply(ClientSettings settings) {
        if (settings.initialWindow() < 0) {
            return true;
        }
        long more = settings.initialWindow() - initialWindow;
        initialWindow = settings.initialWindow();
        boolean[] possible = {initialWindow <= Integer.MAX_VALUE};
        streams.forEach(stream -> possible[0] &= grant(stream.sendWindow, more));
        return possible[0];
    }

    private static boolean grant(AtomicLong window, long bytes) {
        return window.addAndGet(bytes) <= Integer.MAX_VALUE;
    }
}

package dev.hangup.internal.http2;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.internal.time.Timer;

import io.helidon.common.buffers.BufferData;

/**
 * The early ends of streams. A stream ends early if the client, Hangup or Helidon resets it, or if the response is complete
 * before the request has ended. In each case the other parties are notified: the client; the race, by {@link
 * Http2Exchange#departed}; and Helidon, by a RST_STREAM frame from the {@link InboundQueue}.
 */
final class EarlyEnds {
    /** The time after which a client that does not acknowledge a PING is assumed to have read what was written before it. */
    private static final Duration PING_ACKNOWLEDGED_WITHIN = Duration.ofSeconds(2);
    /** The maximum number of unread early responses of a connection. Behind others, the reset follows at once. */
    private static final int MAX_UNREAD = 1000;
    /** The upper half of the data of a PING that follows an early response; the lower half is the stream's number. */
    private static final long RESPONSE_READ = 0x7265_7370L << Integer.SIZE;
    /** The header block of a response that consists of its status, 431; literal, so that it changes no table. */
    private static final byte[] HEADER_FIELDS_TOO_LARGE = {8, 3, '4', '3', '1'};

    private final WatchedHttp2Connection connection;
    private final Http2Streams streams;
    private final FrameWriter writer;
    private final FlowControl flow;
    private final InboundFrames inbound;
    private final InboundQueue queue;
    private final ReadResets readResets;
    /** Added to by the thread that notices a reset, taken by the connection's thread. */
    private final AtomicInteger cutShortByClient = new AtomicInteger();
    /** The timeouts of early responses that the client has not read, as far as is known, by stream. */
    private final Map<Integer, Future<?>> unread = new ConcurrentHashMap<>();
    /** The number of PINGs behind early responses that the client has not acknowledged. Added to by any thread that writes one. */
    private final AtomicInteger unacknowledged = new AtomicInteger();

    EarlyEnds(WatchedHttp2Connection connection, Http2Streams streams, FrameWriter writer, FlowControl flow,
              InboundFrames inbound, InboundQueue queue) {
        this.connection = connection;
        this.streams = streams;
        this.writer = writer;
        this.flow = flow;
        this.inbound = inbound;
        this.queue = queue;
        this.readResets = new ReadResets(streams.cutShort(), writer);
    }

    /**
     * Called when the client resets a stream, by the thread that notices it first: the reading thread, or the connection's. No
     * effect if the stream was reset before. If its response has not begun, the request was cut short. That is counted here, where
     * the reset takes effect, and so exactly once: by the time the connection's thread gets to the frame, the work may have ended
     * and the stream may be forgotten.
     */
    void resetByClient(Http2Exchange stream) {
        boolean begun = stream.begun();
        if (stream.reset(stream::departed)) {
            if (!begun) {
                cutShortByClient.incrementAndGet();
            }
            wasReset(stream);
        }
    }

    /** On the connection's thread: the number of requests that the client has cut short since the last call. */
    int takeCutShortByClient() {
        // asked for at each frame
        return cutShortByClient.get() == 0 ? 0 : cutShortByClient.getAndSet(0);
    }

    /** Resets a stream; returns {@code false} if the client or the server has reset it before. */
    boolean reset(Http2Exchange stream, int errorCode) {
        return reset(stream, errorCode, () -> { });
    }

    /** As {@link #reset(Http2Exchange, int)}, because of an error of the client, which counts as its departure. */
    boolean resetForError(Http2Exchange stream, int errorCode) {
        return reset(stream, errorCode, stream::departed);
    }

    private boolean reset(Http2Exchange stream, int errorCode, Runnable departure) {
        boolean first = stream.reset(departure);
        if (first) {
            writer.writeSoon(Frame.reset(stream.id, errorCode));
            wasReset(stream);
            resetWritten(stream);
        }
        return first;
    }

    /**
     * Called when Helidon resets a stream because of its client or its handler. Helidon does not stop the work that it has begun
     * ({@code Http2ServerStream.windowUpdate} of 4.5.0), so the work is cancelled here. Resets for a window that is too large,
     * which come from the connection's thread, are ignored: Hangup refuses such windows itself, and Helidon also mistakes some
     * windows that were negative for too large. On the thread of the stream, the same code says that the client's window has been
     * closed for {@code flow-control-timeout}. The client has violated nothing then, and the code that it receives is CANCEL.
     *
     * @return whether to send the reset to the client as it is
     */
    boolean resetByHelidon(int id, int errorCode) {
        Http2Exchange stream = streams.get(id);
        if (errorCode == Frame.FLOW_CONTROL_ERROR) {
            if (stream != null && !connection.isOwnThread()) {
                reset(stream, Frame.CANCEL);
            }
            return false;
        }
        if (stream == null) {
            return true;
        }
        if (!stream.reset(stream::departed)) {
            return false;
        }
        if (!connection.isOwnThread()) {
            wasReset(stream);
            resetWritten(stream);
            return true;
        }
        expectRest(stream);
        resetWritten(stream);
        flow.discard(stream);
        inbound.contentRefused(stream);
        if (!stream.isSubmitted()) {
            // Helidon will not enter it later either
            connection.completed(stream);
            streams.forget(stream);
        }
        return true;
    }

    /** Called when a stream was reset: no code needs what may still arrive on it. */
    private void wasReset(Http2Exchange stream) {
        expectRest(stream);
        abort(stream);
    }

    /** Called when the server resets a stream, right before or after it queues the frame: asks when the client has read it. */
    private void resetWritten(Http2Exchange stream) {
        if (stream.bodyOpen()) {
            readResets.written();
        }
    }

    /** Records that frames may still arrive that the client sent before it noticed the end of the stream. */
    void expectRest(Http2Exchange stream) {
        if (stream.bodyOpen()) {
            streams.cutShort().add(stream);
        }
    }

    /** Drops what is held for Helidon of a stream, and notifies Helidon of the stream's early end. */
    void abort(Http2Exchange stream) {
        flow.discard(stream);
        if (streams.get(stream.id) == stream) {
            queue.abort(stream);
        }
    }

    /**
     * Ends a stream whose response is complete before its request has ended, or before the request was read. The client need not
     * send the rest (RFC 9113, 8.1), and is notified of that once it has read the response.
     */
    void cutShort(Http2Exchange stream) {
        if (stream.bodyOpen() && streams.cutShort().add(stream)) {
            resetWhenRead(stream);
        }
        abort(stream);
    }

    /**
     * Resets a stream once its client has read the response, as shown by the acknowledgement of a PING. Some clients drop a
     * response if they read it together with the reset after it (curl before 8.0).
     */
    private void resetWhenRead(Http2Exchange stream) {
        if (unread.size() >= MAX_UNREAD) {
            responseRead(stream);
            return;
        }
        unread.put(stream.id, Timer.after(PING_ACKNOWLEDGED_WITHIN, () -> responseRead(stream)));
        unacknowledged.incrementAndGet();
        writer.writeSoon(Frame.ping(RESPONSE_READ | stream.id));
    }

    /** Called when the client sends no more on a stream. */
    void endedByClient(int id) {
        streams.cutShort().ended(id);
        endTimeout(id);
    }

    /** Called when the connection is over. */
    void close() {
        unread.keySet().forEach(this::endTimeout);
    }

    private void endTimeout(int id) {
        Future<?> timeout = unread.remove(id);
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    /**
     * On the connection's thread: called when the client has acknowledged a PING, and so has read what was written before it.
     * Returns whether this class has sent such a PING that was not acknowledged before, even if its stream has ended meanwhile.
     */
    boolean pingAcknowledged(long data) {
        if (readResets.pingAcknowledged(data)) {
            return true;
        }
        int id = (int) data;
        if (data != (RESPONSE_READ | id) || unacknowledged.get() == 0) {
            return false;
        }
        unacknowledged.decrementAndGet();
        Http2Exchange stream = streams.cutShort().get(id);
        if (stream != null) {
            responseRead(stream);
        }
        return true;
    }

    private void responseRead(Http2Exchange stream) {
        endTimeout(stream.id);
        if (stream.bodyOpen()) {
            reset(stream, Frame.NO_ERROR);
        }
    }

    /** On the connection's thread: refuses a stream that exceeds one of the limits, and counts that. */
    void refuseExcess(int id, boolean body) {
        refuse(id, body);
        connection.refusedStream();
    }

    /**
     * On the connection's thread: refuses a stream. The error code assures the client that the request was not processed. This
     * alone is not held against the client, which may not have known that the connection ends.
     */
    void refuse(int id, boolean body) {
        Http2Exchange stream = refused(id, body);
        stream.reset();
        writer.writeWhenRoom(Frame.reset(id, Frame.REFUSED_STREAM));
        resetWritten(stream);
    }

    /**
     * On the connection's thread: refuses a request whose header fields are too large. Helidon 4.5.0 would end the connection
     * ({@code Http2Connection.StreamContext}).
     */
    void refuseHeaders(int id, boolean body) {
        Http2Exchange stream = refused(id, body);
        stream.begins();
        byte[] response = Frame.headers(id, true, new byte[0], HEADER_FIELDS_TOO_LARGE, HEADER_FIELDS_TOO_LARGE.length);
        try {
            // filtered as a frame of Helidon: the client may have to learn from this block that its table is smaller
            writer.writeNow(BufferData.create(response));
        } catch (UncheckedIOException e) {
            // the connection is broken, which ends it
            return;
        }
        if (body) {
            resetWhenRead(stream);
        }
    }

    private Http2Exchange refused(int id, boolean body) {
        Http2Exchange stream = connection.exchange(id, body, 0, false);
        streams.refuse(id);
        expectRest(stream);
        return stream;
    }
}

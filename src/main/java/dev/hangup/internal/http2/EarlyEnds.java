package dev.hangup.internal.http2;

import java.time.Duration;

import dev.hangup.internal.time.Timer;

/**
 * How streams come to an early end: the client resets one, Hangup or Helidon does, or the response is there before the request
 * has ended. Whoever it is, three must learn of it: the client, unless it was the client; the race, by
 * {@link Http2Exchange#departed}, unless it was the race; and Helidon, by a RST_STREAM that {@link InboundQueue} gives it.
 */
final class EarlyEnds {
    /** When a client that does not answer a PING is taken to have read what was written before it. */
    private static final Duration PING_ANSWERED_WITHIN = Duration.ofSeconds(2);
    /** The upper half of the data of a PING that follows an early answer; the lower half is the stream. */
    private static final long ANSWER_READ = 0x616e_7377L << Integer.SIZE;
    /** The header block of an answer that has nothing but its status, 431; literal, so that it changes no table. */
    private static final byte[] HEADER_FIELDS_TOO_LARGE = {8, 3, '4', '3', '1'};

    private final WatchedHttp2Connection connection;
    private final Http2Streams streams;
    private final FrameWriter writer;
    private final FlowControl flow;
    private final InboundFrames inbound;
    private final InboundQueue queue;

    EarlyEnds(WatchedHttp2Connection connection, Http2Streams streams, FrameWriter writer, FlowControl flow,
              InboundFrames inbound, InboundQueue queue) {
        this.connection = connection;
        this.streams = streams;
        this.writer = writer;
        this.flow = flow;
        this.inbound = inbound;
        this.queue = queue;
    }

    /** The client resets a stream, unless it was reset before. */
    void resetByClient(Http2Exchange stream) {
        if (stream.reset()) {
            stream.departed();
            wasReset(stream);
        }
    }

    /** Resets a stream, unless that was done before, by the client or the server. */
    void reset(Http2Exchange stream, int errorCode) {
        if (stream.reset()) {
            writer.writeSoon(Frame.reset(stream.id(), errorCode));
            wasReset(stream);
        }
    }

    /**
     * Helidon resets a stream, for what its client or its handler did. The work that it has begun goes on, so it is stopped here
     * ({@code Http2ServerStream.windowUpdate} of 4.5.0). For a window that is too large Helidon need not, since that was
     * refused before; but it takes one that was negative for one, too.
     *
     * @return whether the client is to hear of it
     */
    boolean resetByHelidon(int id, int errorCode) {
        if (errorCode == Frame.FLOW_CONTROL_ERROR) {
            return false;
        }
        Http2Exchange stream = streams.get(id);
        if (stream == null) {
            return true;
        }
        if (!stream.reset()) {
            return false;
        }
        stream.departed();
        if (!connection.isOwnThread()) {
            wasReset(stream);
            return true;
        }
        expectRest(stream);
        flow.discard(stream);
        inbound.contentRefused(stream);
        if (!stream.isEntered()) {
            // nor will it be
            connection.answered(stream);
            streams.forget(stream);
        }
        return true;
    }

    /** Nobody wants what may still come of a stream. */
    private void wasReset(Http2Exchange stream) {
        expectRest(stream);
        abort(stream);
    }

    /** What the client has sent before it learns of a stream's end is to be expected. */
    void expectRest(Http2Exchange stream) {
        if (stream.bodyOpen()) {
            streams.cutShort(stream);
        }
    }

    /** Drops what is held for Helidon of a stream, and lets it know that the stream has come to an early end. */
    void abort(Http2Exchange stream) {
        flow.discard(stream);
        if (streams.get(stream.id()) == stream) {
            queue.abort(stream);
        }
    }

    /**
     * A stream has its answer before its request has ended, or before that was read. The client need not send the rest
     * (RFC 9113, 8.1), and learns so when it has read the answer.
     */
    void cutShort(Http2Exchange stream) {
        if (stream.bodyOpen() && streams.cutShort(stream)) {
            resetWhenRead(stream);
        }
        abort(stream);
    }

    /**
     * Resets a stream once its client has read the answer, which it shows by answering a PING. Some clients drop an answer
     * that they read together with the reset behind it (curl before 8.0).
     */
    private void resetWhenRead(Http2Exchange stream) {
        writer.writeSoon(Frame.ping(ANSWER_READ | stream.id()));
        Timer.after(PING_ANSWERED_WITHIN, () -> answerRead(stream));
    }

    /** On the connection's thread: the client has read what was written before a PING. */
    void pingAcknowledged(long data) {
        int id = (int) data;
        Http2Exchange stream = data == (ANSWER_READ | id) ? streams.cutShort(id) : null;
        if (stream != null) {
            answerRead(stream);
        }
    }

    private void answerRead(Http2Exchange stream) {
        if (stream.bodyOpen()) {
            reset(stream, Frame.NO_ERROR);
        }
    }

    /** On the connection's thread: a stream is one more than the client may open. It can be sure that nothing was done. */
    void refuse(int id, boolean body) {
        refused(id, body).reset();
        writer.writeWhenRoom(Frame.reset(id, Frame.REFUSED_STREAM));
        connection.refusedStream();
    }

    /**
     * On the connection's thread: the header fields of a request are larger than any handler is to see. Helidon 4.5.0 would end
     * the connection ({@code Http2Connection.StreamContext}).
     */
    void refuseHeaders(int id, boolean body) {
        Http2Exchange stream = refused(id, body);
        writer.writeWhenRoom(Frame.headers(id, true, new byte[0], HEADER_FIELDS_TOO_LARGE, HEADER_FIELDS_TOO_LARGE.length));
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

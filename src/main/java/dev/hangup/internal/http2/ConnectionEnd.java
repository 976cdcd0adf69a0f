package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Drain;
import dev.hangup.internal.connection.GoAwayCause;
import dev.hangup.internal.time.Timer;

/**
 * The end of a connection, as {@link EarlyEnds} is that of a stream. An error of the client ends the connection with all requests
 * in flight. If the client announces with GOAWAY that it opens no more streams, if the connection is idle or the server stops,
 * the requests in flight are completed first.
 */
final class ConnectionEnd {
    /** The time that the client is given to take what is written last, unless the connection lingers for longer. */
    static final Duration FINAL_WRITE_TIMEOUT = Duration.ofMillis(100);

    private final WatchedHttp2Connection connection;
    private final ConnectionPolicy policy;
    private final Drain drain;
    private final Http2Streams streams;
    private final FrameWriter writer;
    private final InboundFrames inbound;
    private final InboundQueue queue;
    private final EarlyEnds earlyEnds;
    /** The client has sent GOAWAY, and Helidon has not received it yet. */
    private final AtomicBoolean goAwayHeld = new AtomicBoolean();
    /** Settles the race between reasons to end the connection: the first one is reported. */
    private final AtomicReference<GoAwayCause> failure = new AtomicReference<>();
    /** Settles the race between the idle timer and the stop of the server: the first one closes a connection that is idle. */
    private final AtomicBoolean closing = new AtomicBoolean();
    /** The client was asked to connect elsewhere. Owned by the connection's thread. */
    private boolean asked;

    ConnectionEnd(WatchedHttp2Connection connection, ConnectionPolicy policy, Drain drain, Http2Streams streams,
                  FrameWriter writer, InboundFrames inbound, InboundQueue queue, EarlyEnds earlyEnds) {
        this.connection = connection;
        this.policy = policy;
        this.drain = drain;
        this.streams = streams;
        this.writer = writer;
        this.inbound = inbound;
        this.queue = queue;
        this.earlyEnds = earlyEnds;
    }

    /** On the connection's thread: called for each new request. Asks the client to connect elsewhere if the policy says so. */
    void requestBegins() {
        if (!asked && policy.ending().getAsBoolean()) {
            // so far no stream is refused (RFC 9113, 6.8)
            asked = true;
            writer.writeSoon(Frame.goAway(Integer.MAX_VALUE));
        }
    }

    /**
     * Closes the connection gently, as with HTTP/1.1, but must allow for two peculiarities of Helidon. A stream with a response
     * counts as in flight until its client has ended it ({@code Http2Connection.canInterrupt} of 4.5.0). A gentle close of a
     * connection with streams in flight ends all of them at the next frame ({@code Http2Connection.doHandle}).
     * <p>
     * Does not wait for the client. Helidon closes all connections one after the other, and a client that does not read must not
     * delay what the others are notified of. A connection without streams in flight is closed by a thread of its own once GOAWAY
     * is written, or after {@link #FINAL_WRITE_TIMEOUT}.
     */
    void close() {
        if (streams.inFlight()) {
            // Helidon's connection is closed when the last request has its response
            writer.writeSoon(Frame.goAway(Integer.MAX_VALUE));
            drain.begin(() -> streams.forEach(Http2Exchange::stop));
            lastCompleted();
        } else if (closing.compareAndSet(false, true)) {
            writer.writeSoon(Frame.goAway(streams.last()));
            Thread.ofVirtual().name(connection.name() + "close").inheritInheritableThreadLocals(false).start(() -> {
                writer.awaitWritten(FINAL_WRITE_TIMEOUT);
                connection.closeHelidon(true);
            });
        }
    }

    /** Whether a connection without streams in flight is closed: GOAWAY is being written, or was. */
    boolean isClosing() {
        return closing.get();
    }

    /** Ends the connection with a GOAWAY frame, and logs the cause. */
    void fail(GoAwayCause cause) {
        if (failed(cause)) {
            writer.writeSoon(Frame.goAway(streams.last(), Frame.errorCode(cause), cause.toString()));
        }
    }

    /**
     * Called when Helidon sends GOAWAY. Helidon then ends the connection, with one exception: for a window that it considers too
     * large, it continues. As with streams, that is a false alarm, which occurs when several streams have overdrawn the window
     * ({@code Http2Connection.readWindowUpdateFrame} and {@code Http2ConnectionWriter.splitAndWrite} of 4.5.0).
     *
     * @return whether to send the frame to the client
     */
    boolean goAwayByHelidon(int errorCode) {
        if (errorCode == Frame.FLOW_CONTROL_ERROR) {
            return false;
        }
        if (errorCode != Frame.NO_ERROR && !inbound.hasEnded()) {
            failed(GoAwayCause.HELIDON);
        }
        return true;
    }

    private boolean failed(GoAwayCause cause) {
        if (!failure.compareAndSet(null, cause)) {
            return false;
        }
        policy.http2Events().goAway(cause);
        connection.log("was ended: " + cause);
        streams.forEach(stream -> {
            stream.departed();
            earlyEnds.abort(stream);
        });
        return true;
    }

    /** Whether the connection was ended because of an error of its client. */
    boolean isFailed() {
        return failure.get() != null;
    }

    /**
     * Returns whether to withhold the client's GOAWAY from Helidon, which would end the connection and all requests in flight
     * ({@code Http2Connection.goAwayFrame} of 4.5.0).
     */
    boolean holdsGoAway() {
        if (!streams.inFlight()) {
            return false;
        }
        goAwayHeld.set(true);
        lastCompleted();
        return true;
    }

    /** Called when a request has its response: ends a connection that has waited for the last request. */
    void lastCompleted() {
        if (streams.inFlight()) {
            return;
        }
        if (goAwayHeld.compareAndSet(true, false)) {
            queue.inject(Frame.goAway(0));
        } else if (drain.begun()) {
            connection.closeHelidon(false);
            queue.inject(Frame.nothing());
            // the connection's thread may itself wait for a write that the client blocks, and then does not see that it is to end
            Timer.after(policy.lingeringClose().plus(FINAL_WRITE_TIMEOUT), writer::breakOff);
        }
    }
}

package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Drain;
import dev.hangup.internal.connection.GoAwayCause;
import dev.hangup.internal.time.Timer;

/**
 * The end of a connection, as {@link EarlyEnds} is that of a stream. An error of the client ends the connection with all requests
 * in flight. If the client announces with GOAWAY that it opens no more streams, if the connection is idle or the server stops,
 * the requests in flight are completed first.
 * <p>
 * A connection that is idle, or whose server stops, must not be closed before its client has read the last response: the kernel
 * discards what the client has not received as soon as the client sends anything to a closed socket, and a client that reads sends
 * WINDOW_UPDATE frames. So once no request is in flight, the last GOAWAY is followed by a PING, whose acknowledgement shows that
 * the client has read everything. Then the connection's thread lets Helidon finish. If the acknowledgement is not there in time,
 * the thread is interrupted, which closes the socket.
 * <p>
 * The last GOAWAY names the newest stream that may be processed. The client may repeat newer ones elsewhere, so from then on {@link
 * Http2Streams#close} lets none begin, and no later GOAWAY names a greater number (RFC 9113, 6.8).
 */
final class ConnectionEnd {
    /** The time that the client is given to take what is written last, unless the connection lingers for longer. */
    static final Duration FINAL_WRITE_TIMEOUT = Duration.ofMillis(100);
    /** The data of the PING that follows the last GOAWAY. */
    private static final long ALL_READ = 0x616c_6c72_6561_6400L;

    private final WatchedHttp2Connection connection;
    private final ConnectionPolicy policy;
    private final Drain drain;
    private final Http2Streams streams;
    private final FrameWriter writer;
    private final InboundFrames inbound;
    private final InboundQueue queue;
    private final EarlyEnds earlyEnds;
    /** Settles the race between reasons to end the connection: the first one is reported. */
    private final AtomicReference<GoAwayCause> failure = new AtomicReference<>();
    /**
     * Settles the race between the idle timer, the stop of the server and the last response: the first one sends the last GOAWAY.
     */
    private final AtomicBoolean closing = new AtomicBoolean();
    /**
     * Settles the race between GOAWAY frames that name any stream and those that name the newest: the latter come last. Taken
     * before the locks of the streams and the writer.
     */
    private final Lock goAways = new ReentrantLock();
    /** When the latest response was complete; valid once {@link #hasResponded} is set. Written by the thread that has responded. */
    private volatile long respondedAt;
    private volatile boolean hasResponded;
    /** The client has sent GOAWAY, and Helidon has not received it. Written by the connection's thread, as is the next field. */
    private volatile boolean goAwayHeld;
    /** The client has read everything up to the last GOAWAY. */
    private volatile boolean allRead;
    /** Whether a stream was open for the client when that became known. Owned by the connection's thread. */
    private boolean openWhenRead;
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
            asked = true;
            announceEnd();
        }
    }

    /** Asks the client to open no more streams; none is refused yet. No effect after a GOAWAY that names the last stream. */
    private void announceEnd() {
        goAways.lock();
        try {
            if (!streams.isClosed()) {
                writer.writeSoon(Frame.goAway(Integer.MAX_VALUE));
            }
        } finally {
            goAways.unlock();
        }
    }

    /** Accepts no more streams, and announces the last one that may have been processed. */
    private void announceLast(int errorCode, String reason) {
        goAways.lock();
        try {
            writer.writeSoon(Frame.goAway(streams.close(), errorCode, reason));
        } finally {
            goAways.unlock();
        }
    }

    /**
     * Closes the connection gently, as with HTTP/1.1, but must allow for three peculiarities of Helidon. A stream with a response
     * counts as in flight until its client has ended it ({@code Http2Connection.canInterrupt} of 4.5.0). A stream whose client has
     * ended it does not count any more once Helidon has written its response, even if the client has yet to read it. A gentle
     * close of a connection with streams in flight ends all of them at the next frame ({@code Http2Connection.doHandle}).
     * <p>
     * Does not wait for the client. Helidon closes all connections one after the other, and a client that does not read must not
     * delay what the others are notified of.
     */
    void close() {
        if (!closeIfIdle()) {
            announceEnd();
            drain.begin(() -> streams.forEach(Http2Exchange::stop));
            // checked again: the thread of the last response may not have seen that the drain has begun
            closeIfIdle();
        }
    }

    /**
     * Ends a connection without requests in flight, once the client has read everything. It has {@code lingering-close} from the
     * last response to do so, and at least {@link #FINAL_WRITE_TIMEOUT}. No effect if a request is in flight; none begins later.
     *
     * @return whether none is in flight
     */
    private boolean closeIfIdle() {
        if (!streams.closeIfIdle()) {
            return false;
        }
        if (closing.compareAndSet(false, true)) {
            announceLast(Frame.NO_ERROR, "");
            writer.writeSoon(Frame.ping(ALL_READ));
            Duration left = hasResponded
                    ? policy.lingeringClose().minusNanos(System.nanoTime() - respondedAt)
                    : FINAL_WRITE_TIMEOUT;
            interruptAfter(left.compareTo(FINAL_WRITE_TIMEOUT) > 0 ? left : FINAL_WRITE_TIMEOUT);
        }
        return true;
    }

    /** Closes the connection whatever is in flight; what is still to be written has {@link #FINAL_WRITE_TIMEOUT}. */
    void closeNow() {
        if (closing.get()) {
            interruptAfter(FINAL_WRITE_TIMEOUT);
        } else {
            connection.interruptHelidon();
        }
    }

    private void interruptAfter(Duration time) {
        Timer.after(time, () -> {
            if (!connection.isOver()) {
                connection.interruptHelidon();
            }
        });
    }

    /** Whether the last GOAWAY was sent. */
    boolean isClosing() {
        return closing.get();
    }

    /** On the connection's thread: called for each PING that the client acknowledges. */
    void pingAcknowledged(long data) {
        if (data == ALL_READ && closing.get()) {
            openWhenRead = streams.open() > 0;
            allRead = true;
        }
    }

    /**
     * On the connection's thread, before it waits for the client: whether Helidon is to finish now. A stream that is open for the
     * client after its response is yet to be reset ({@link EarlyEnds#cutShort}); some clients need that.
     */
    boolean isDue() {
        return isFailed() || !streams.inFlight() && (goAwayHeld || allRead && streams.open() == 0);
    }

    /**
     * On the connection's thread, once Helidon has finished: whether the client may still send something before it has read all
     * that was written, so that a close would make it lose the rest.
     */
    boolean mayBeUnread() {
        return !allRead || openWhenRead;
    }

    /** Ends the connection with a GOAWAY frame, and logs the cause. */
    void fail(GoAwayCause cause) {
        if (failed(cause)) {
            announceLast(Frame.errorCode(cause), cause.toString());
        }
    }

    /**
     * Called when Helidon sends GOAWAY. Helidon then ends the connection, with one exception: for a window that it considers too
     * large, it continues. As with streams, that is a false alarm, which occurs when several streams have overdrawn the window
     * ({@code Http2Connection.readWindowUpdateFrame} and {@code Http2ConnectionWriter.splitAndWrite} of 4.5.0).
     * <p>
     * The client receives the newest stream that may have been processed instead of Helidon's, which is always 0: a client may
     * repeat newer requests, whatever they have changed. No effect behind the last GOAWAY of a gentle end.
     */
    void goAwayByHelidon(int errorCode, String reason) {
        if (errorCode == Frame.FLOW_CONTROL_ERROR || closing.get()) {
            return;
        }
        if (errorCode != Frame.NO_ERROR && !inbound.hasEnded()) {
            failed(GoAwayCause.HELIDON);
        }
        announceLast(errorCode, reason);
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
     * On the connection's thread: returns whether to withhold the client's GOAWAY from Helidon, which would end the connection and
     * all requests in flight ({@code Http2Connection.goAwayFrame} of 4.5.0).
     */
    boolean holdsGoAway() {
        if (!streams.inFlight()) {
            return false;
        }
        goAwayHeld = true;
        return true;
    }

    /**
     * Called when a request has its whole response, before it stops counting as in flight: its client may still be reading, and a
     * thread that finds no request in flight must see when the last response ended.
     */
    void responds() {
        respondedAt = System.nanoTime();
        hasResponded = true;
    }

    /**
     * Called when a request has its response, or never gets one: ends a connection that has waited for the last request. The
     * connection's thread notices that it is woken, since the stream is still run: meanwhile it does not read the socket itself.
     */
    void completed() {
        if (streams.inFlight()) {
            return;
        }
        if (drain.begun()) {
            closeIfIdle();
        }
        if (goAwayHeld || allRead) {
            queue.wake();
        }
    }
}

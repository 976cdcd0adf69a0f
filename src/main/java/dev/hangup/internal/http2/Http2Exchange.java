package dev.hangup.internal.http2;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.connection.WatchedExchange;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2Exception;

/** One HTTP/2 stream: the progress of its request and its response, and whether it was reset. */
final class Http2Exchange extends WatchedExchange {
    /** How often a response that goes on beyond the time for the rest of the body is looked at. */
    private static final Duration REST_LOOK = Duration.ofMillis(100);
    /** The maximum number of causes of an exception that are examined. */
    private static final int MAX_CAUSES = 100;

    private final WatchedHttp2Connection connection;
    final int id;
    /** Holds the request's body; {@code null} if there is none. */
    final StreamInput input;
    /** The client's window; changed by {@link FlowControl}. */
    final AtomicLong sendWindow;
    /** The number of bytes of data sent. Guarded by the writer's lock for writers. */
    private volatile long sent;
    /** The action to run if the client leaves while the request waits for its permit; {@code null} if it does not. */
    private volatile Runnable queued;
    /** Settles the race between the ends of the two sides of the stream, and resets. */
    private final AtomicBoolean closed;
    /** Settles the race between resets by the client, by Helidon and by Hangup. From then on the response is dropped. */
    private final AtomicBoolean reset = new AtomicBoolean();
    /** Whether writes of the work fail because of the reset. Set by the thread that has reset the stream. */
    private volatile boolean failsWrites;

    /** Whether the client has reset the stream or left. Written by the thread that notices it. */
    private volatile boolean departed;
    /** Whether a part of the request's body may still come. Written by the connection's thread. */
    private volatile boolean bodyOpen;
    /** Written under the writer's lock, as is {@link #endMayBeLost}. */
    private volatile boolean responseEnded;
    private volatile boolean endMayBeLost;
    /** Whether the whole content of the response is in the writer's queue, or was. Written under the writer's lock. */
    private volatile boolean whole;
    /** How much of the response's content is still to be written; negative if not known. Owned by the writer's lock. */
    private long contentLeft = -1;
    /** Set by the thread that first reads the body, and cleared by that of the stream. */
    private volatile BodyReading reading;
    /** Whether the routing has begun. Written by the stream's thread. */
    private volatile boolean routing;
    /**
     * Whether the next header block may be an interim response, {@code 100 Continue}. Set by the stream's thread before the routing
     * begins; cleared under the writer's lock, by the thread that queues that block.
     */
    private volatile boolean continues;
    /** The headers of the response, as those who write it set them. Written before the routing begins. */
    private ServerResponseHeaders responseHeaders;
    /** The thread on which Helidon runs the stream. Set and cleared by that thread. */
    private volatile Thread thread;
    /** Whether only Helidon's code still runs on that thread, since the request is over. Set and cleared by that thread. */
    private volatile boolean requestOver;
    /** Whether Helidon runs the stream on a thread. Owned by the connection's thread. */
    private boolean submitted;
    /** Written by the connection's thread, as is {@link #closedInHelidon}. */
    private volatile boolean endDelivered;
    private volatile boolean closedInHelidon;
    /** Created when a response without a watch of its own first waits for the window. Owned by the timer's thread. */
    private StallLimit.Watch stall;
    /** Whether the request was counted as completed. Owned by the stream's thread. */
    private boolean ended;

    /**
     * @param input      holds the request's body; {@code null} if it has none
     * @param sendWindow the initial window of the client, in bytes
     * @param opened     whether Helidon receives the request; if not, it was refused
     */
    Http2Exchange(WatchedHttp2Connection connection, int id, StreamInput input, long sendWindow, boolean opened) {
        this.connection = connection;
        this.id = id;
        this.input = input;
        this.sendWindow = new AtomicLong(sendWindow);
        this.bodyOpen = input != null;
        this.endDelivered = input == null;
        this.closed = new AtomicBoolean(!opened);
        this.closedInHelidon = !opened;
    }

    /** The number of bytes of data sent. */
    long sent() {
        return sent;
    }

    /** Called with the writer's lock when a frame of data is sent. */
    void sends(int bytes) {
        sent += bytes;
        sendWindow.addAndGet(-bytes);
    }

    /** Called when the client has left or has reset the stream. */
    @Override
    public void departed() {
        // read by watch() in the opposite order
        departed = true;
        Runnable waits = queued;
        if (waits != null) {
            waits.run();
        }
        if (noticesDepartures()) {
            super.departed();
        }
    }

    /** Called when the client resets the stream, for the same reset possibly twice: early and in order. */
    void resetByClient() {
        connection.earlyEnds().resetByClient(this);
    }

    /** On the connection's thread: called when Helidon starts to run the stream on a thread. */
    void submitted() {
        submitted = true;
    }

    /** On the connection's thread: whether Helidon has started to run the stream. */
    boolean isSubmitted() {
        return submitted;
    }

    boolean bodyOpen() {
        return bodyOpen;
    }

    /** On the connection's thread: called when the client has ended its side, or has read the server's reset of the stream. */
    void bodyEnds() {
        bodyOpen = false;
        closeIfEnded();
    }

    /** On the connection's thread: called when Helidon has received the whole body. */
    void endDelivered() {
        endDelivered = true;
    }

    boolean isEndDelivered() {
        return endDelivered;
    }

    /** On the connection's thread: called when Helidon forgets the stream. */
    void closedInHelidon() {
        closedInHelidon = true;
    }

    /** On the connection's thread: whether no code will read more of the body. */
    boolean isBodyUnwanted() {
        return abortReason() != null || closedInHelidon;
    }

    /** Whether Helidon still knows the stream; Helidon forgets it when both sides have ended. */
    boolean isKnownToHelidon() {
        return !closedInHelidon && !(endDelivered && responseEnded);
    }

    /**
     * Under the writer's lock, on the thread that queues the headers of the response: called when the client receives them; not
     * called for a stream that it has reset before.
     */
    void responseBegins() {
        begins();
        contentLeft = contentLength();
    }

    /** The length of the content after which a client needs no more; negative if only the end of the stream says that. */
    private long contentLength() {
        if (responseHeaders == null || responseHeaders.contains(HeaderNames.TRAILER)) {
            return -1;
        }
        try {
            return responseHeaders.contentLength().orElse(-1);
        } catch (IllegalArgumentException e) {
            // not a number, which Helidon does not check
            return -1;
        }
    }

    /** Under the writer's lock, after {@link #responseBegins}: whether the headers are all that the client waits for. */
    boolean hasNoContent() {
        return contentLeft == 0;
    }

    /** Under the writer's lock: counts a DATA frame of the response; returns whether the client needs no other. */
    boolean takes(Frame frame) {
        contentLeft -= frame.length();
        return frame.endsStream() || frame.length() > 0 && contentLeft == 0;
    }

    /** Under the writer's lock: called when the last frame of the content was filtered. */
    void contentEnds() {
        whole = true;
    }

    /** Under the writer's lock: whether {@link #contentEnds} was called. */
    boolean hasWholeContent() {
        return whole;
    }

    @Override
    public boolean isComplete() {
        return whole && !isReset();
    }

    /** Whether nothing that the work writes reaches the client any more, and the race knows why. */
    boolean isOver() {
        return failsWrites || abortReason() != null;
    }

    void responseEnds() {
        responseEnded = true;
        closeIfEnded();
        cutShortIfResponded();
    }

    /**
     * Ends the stream if the handler has returned and the response has ended, but the body has not. No code needs the rest of the
     * body then, but Helidon would still read it. Clients such as the JDK's do not deliver the response until they have sent the
     * whole body or the stream is reset.
     */
    private void cutShortIfResponded() {
        if (requestOver && isRespondedEarly()) {
            // on the timer, since the end of the response has yet to be written
            Timer.after(Duration.ZERO, () -> connection.earlyEnds().cutShort(this));
        }
    }

    boolean isResponseEnded() {
        return responseEnded;
    }

    /** Whether the response has ended before the request. */
    boolean isRespondedEarly() {
        return responseEnded && bodyOpen && !isReset();
    }

    /**
     * Records that the last thing written was a header block in several frames. If the block was meant to end the stream, Helidon
     * has dropped that flag ({@code Http2ConnectionWriter.writeHeaders} of 4.5.0).
     */
    void endMayBeLost(boolean lost) {
        endMayBeLost = lost;
    }

    boolean lacksEnd() {
        return endMayBeLost && !reset.get();
    }

    /** Marks the stream as reset; returns whether it was not reset before. */
    boolean reset() {
        return reset(() -> { });
    }

    /**
     * As {@link #reset()}, for a reset that counts as the client's departure.
     *
     * @param departure makes the departure known; run by the first call only. It runs after the stream is marked as reset, so that
     *                  a response which the race sends at once is dropped, and before writes of the work fail, so that work that
     *                  fails finds that its client has left
     */
    boolean reset(Runnable departure) {
        boolean first = reset.compareAndSet(false, true);
        closeIfEnded();
        if (first) {
            try {
                departure.run();
            } finally {
                failsWrites = true;
                connection.writer().streamReset();
            }
        }
        return first;
    }

    boolean isReset() {
        return reset.get();
    }

    /** On the timer's thread: ends a wait for the window that no race limits, once it has lasted for too long. */
    void lookForStall(StallLimit limit) {
        Thread responding = thread;
        boolean waits = isStallLimited() && responding != null && mayWaitForWindow(responding);
        if (waits && stall == null) {
            stall = limit.new Watch(meter());
        }
        if (stall == null || !stall.stalled(waits) && !(waits && isReset())) {
            return;
        }
        if (!EndlessWait.isForWindow(responding)) {
            stall = null;
            return;
        }
        connection.earlyEnds().reset(this, Frame.CANCEL);
        connection.writer().endWait(responding, EndlessWait::isForWindow);
    }

    /** Without a stack trace, which the timer could not take of all streams of a client that opens no window. */
    private boolean mayWaitForWindow(Thread responding) {
        return (sendWindow.get() <= 0 || connection.flow().isClosed()) && responding.getState() == Thread.State.TIMED_WAITING;
    }

    /** Whether the client may keep the server from ending the response of a request that no race limits. */
    boolean isLimitedBySocket() {
        return isStallLimited() && !isReset() && !responseEnded;
    }

    private void closeIfEnded() {
        if ((reset.get() || !bodyOpen && responseEnded) && closed.compareAndSet(false, true)) {
            connection.streams().closed();
        }
    }

    /** On the stream's thread: whether this is the first call. */
    boolean isFirstEnd() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    /**
     * On the stream's thread: called when the routing begins.
     *
     * @param expectsContinue whether Helidon writes {@code 100 Continue} when the body is first read, before the response
     */
    void routing(ServerResponseHeaders response, boolean expectsContinue) {
        responseHeaders = response;
        continues = expectsContinue;
        routing = true;
    }

    /**
     * Under the writer's lock: whether a header block is an interim response. There is one at most, before the response; it is
     * neither the beginning of the response nor delivers any of it. Helidon writes it wherever the body is first read, be it by the
     * reader of an encoded body that is being created, when the body is discarded behind the handlers, or by a handler that has
     * obtained the response's stream before. It has no field but its status. A response that has content, or may have, has others:
     * of a handler, {@code date}; of Helidon itself, {@code content-length} ({@code Http2ServerResponse} and {@code
     * Http2ServerStream.run} of 4.5.0).
     *
     * @param fields the number of the block's fields
     */
    boolean isInterim(boolean endsStream, int fields) {
        boolean interim = continues && !endsStream && fields == 1;
        continues = false;
        return interim;
    }

    /**
     * Whether Helidon must be notified of the early end of the stream. Helidon is not notified once the routing has begun and the
     * whole request was delivered. It then waits for nothing from the client, and forgets the stream by itself, possibly before
     * the end of the response is written ({@code Http2ServerStream.closeFromLocal} of 4.5.0). Helidon treats the reset of a
     * forgotten stream as a connection error ({@code Http2Connection.stream}).
     */
    boolean needsReset() {
        return isKnownToHelidon() && !(routing && endDelivered);
    }

    /** The body as handlers read it; a truncated body never looks complete. */
    @Override
    protected InputStream watched(InputStream body) {
        BodyReading read = new BodyReading(body, () -> connection.isOver() && !endDelivered);
        reading = read;
        return read;
    }

    /** The thread that has read the body last, if its handler has; {@code null} if none has. */
    Thread bodyReader() {
        BodyReading body = reading;
        return body == null ? null : body.reader();
    }

    /** On the stream's thread: called when Helidon begins to run the stream. */
    void entered() {
        thread = Thread.currentThread();
        if (connection.isOver()) {
            // the thread that ended the connection may have missed this one
            EndlessWait.end(this);
        }
    }

    /** The thread on which Helidon runs the stream; {@code null} if there is none, before or after. */
    Thread thread() {
        return thread;
    }

    /** On the stream's thread: called when the request is over. Helidon may still wait for the rest of the body. */
    void requestOver() {
        requestOver = true;
        cutShortIfResponded();
    }

    /** On the stream's thread: called when Helidon has finished the stream. */
    void exited() {
        endRest();
        requestOver = false;
        thread = null;
        // the stream may be remembered for as long as its client may send more
        reading = null;
        bodyOver();
    }

    @Override
    protected WatchedHttp2Connection connection() {
        return connection;
    }

    @Override
    public void over() {
        super.over();
        requestOver();
    }

    @Override
    public void watch(Runnable departed) {
        queued = departed;
        connection.startWatching();
        if (this.departed) {
            departed.run();
        }
    }

    @Override
    public void unwatch() {
        queued = null;
    }

    @Override
    public LongSupplier meter() {
        return new StreamMeter(this, connection.flow());
    }

    @Override
    public boolean waitsForClient() {
        return sendWindow.get() <= 0 || connection.flow().isClosed() || connection.writer().meter.isBlocked();
    }

    /** Helidon gives up on a client whose window stays closed for as long as {@code flow-control-timeout}. */
    @Override
    public boolean stalled(Throwable thrown) {
        try {
            Throwable cause = thrown;
            // an exception may be its own cause
            for (int examined = 0; cause != null && examined < MAX_CAUSES; examined++) {
                if (cause instanceof Http2Exception http2 && http2.code() == Http2ErrorCode.FLOW_CONTROL) {
                    return true;
                }
                cause = cause.getCause();
            }
        } catch (RuntimeException | Error e) {
            // a method of the exception has failed
        }
        return false;
    }

    @Override
    public boolean endsConnection() {
        return false;
    }

    @Override
    public void begin(Listener listener) {
        super.begin(listener);
        if (departed) {
            departed();
        }
        stopIfOver();
    }

    @Override
    public void startWatching() {
        connection.startWatching();
    }

    @Override
    protected boolean hasRest() {
        return bodyOpen && !responseEnded;
    }

    /** Does not cut off a response that an error handler has begun, unless Helidon waits for the rest of the body. */
    @Override
    protected void restExpired() {
        Thread responding = thread;
        if (!hasRest() || responding == null) {
            return;
        }
        if (begun() && !EndlessWait.isForBody(responding)) {
            Timer.after(REST_LOOK, this::restExpired);
        } else {
            connection.earlyEnds().reset(this, Frame.CANCEL);
        }
    }

    @Override
    public void abort(Outcome outcome, Thread responding) {
        super.abort(outcome, responding);
        if (outcome == Outcome.DISCONNECTED) {
            // If the whole connection has ended, the response that only filters see would fail. It is dropped, as after a reset
            reset();
        } else if (responding == null && (outcome == Outcome.STALLED || !isComplete())) {
            connection.earlyEnds().reset(this, Frame.CANCEL);
        }
    }

    @Override
    public void responded() {
        // otherwise the response is cut short once it has ended
        if (!isComplete() || responseEnded) {
            connection.earlyEnds().cutShort(this);
        }
    }
}

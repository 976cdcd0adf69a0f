package dev.hangup.internal.http2;

import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.connection.WatchedExchange;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.Routing;

/** One HTTP/2 stream: how far its request and its response have come, and whether it was reset. */
final class Http2Exchange extends WatchedExchange {
    /** How long Helidon has for what it need not wait for. */
    private static final Duration WAITS_AFTER = Duration.ofMillis(20);

    private final WatchedHttp2Connection connection;
    private final int id;
    private final StreamInput input;
    private final AtomicLong sendWindow;
    /** Guards {@code queued}, so that nobody is notified who does not wait any more. */
    private final Lock notifying = new ReentrantLock();
    /** Who hears of the client's leaving while the request waits for its permit. */
    private Runnable queued;
    /** Settles the race between those that end the two sides of the stream, and those that reset it. */
    private final AtomicBoolean closed;
    /** Settles the race between the client's reset, Helidon's and Hangup's. */
    private final AtomicBoolean reset = new AtomicBoolean();

    /** The client has reset the stream, or left. Written by the thread that sees it. */
    private volatile boolean departed;
    /** Whether a part of the request's body may still come. Written by the connection's thread. */
    private volatile boolean bodyOpen;
    /** Written with the writer's lock, as the next two. */
    private volatile boolean answerBegun;
    private volatile boolean answerEnded;
    private volatile boolean endMayBeLost;
    /** Set by the thread that reads the body first. */
    private volatile BodyReading reading;
    /** The routing has begun. Written by the stream's thread. */
    private volatile boolean routing;
    /** The thread that only Helidon uses, now that the request is over. Set and cleared by that thread. */
    private volatile Thread afterRequest;
    /** Helidon runs it on a thread. Owned by the connection's thread. */
    private boolean entered;
    /** Written by the connection's thread, as the next one. */
    private volatile boolean endDelivered;
    private volatile boolean closedInHelidon;
    /** Its reset was counted. Owned by the connection's thread. */
    private boolean resetCounted;
    /** It was counted as answered. Owned by the stream's thread. */
    private boolean ended;

    /**
     * @param input  where the request's body is held; {@code null} if it has none
     * @param sendWindow bytes that the client takes at first
     * @param opened whether Helidon is given the request; if not, it was refused
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

    int id() {
        return id;
    }

    /** Where the request's body is held; {@code null} if it has none. */
    StreamInput input() {
        return input;
    }

    /** How much the client takes; changed by {@link FlowControl}. */
    AtomicLong sendWindow() {
        return sendWindow;
    }

    /** The client has left, or has reset the stream. */
    @Override
    public void departed() {
        departed = true;
        notifyQueued();
        if (watches()) {
            super.departed();
        }
    }

    private void notifyQueued() {
        notifying.lock();
        try {
            if (queued != null) {
                queued.run();
            }
        } finally {
            notifying.unlock();
        }
    }

    void resetByClient() {
        connection.earlyEnds().resetByClient(this);
    }

    /** For the connection's thread: Helidon runs it on a thread from now on. */
    void enter() {
        entered = true;
    }

    /** For the connection's thread: whether Helidon has come to run it. */
    boolean isEntered() {
        return entered;
    }

    boolean bodyOpen() {
        return bodyOpen;
    }

    /** For the connection's thread: the client has ended its side. */
    void bodyEnds() {
        bodyOpen = false;
        closeIfEnded();
    }

    /** For the connection's thread: Helidon has all of the body. */
    void endDelivered() {
        endDelivered = true;
    }

    boolean isEndDelivered() {
        return endDelivered;
    }

    /** For the connection's thread: Helidon forgets the stream. */
    void closedInHelidon() {
        closedInHelidon = true;
    }

    /** For the connection's thread: whether nobody is left to read more of the body. */
    boolean isBodyUnwanted() {
        return abortReason() != null || closedInHelidon;
    }

    /** Whether Helidon has not forgotten the stream, as it does when both sides have ended. */
    boolean isRunInHelidon() {
        return !closedInHelidon && !(endDelivered && answerEnded);
    }

    /** The client gets to see an answer: that of a stream which it has reset before does not count. */
    void answerBegins() {
        answerBegun = true;
    }

    boolean isAnswerBegun() {
        return answerBegun;
    }

    void answerEnds() {
        answerEnded = true;
        closeIfEnded();
        cutShortIfAnswered();
    }

    /**
     * The rest of a body is for nobody if it goes on when the handler has returned and the answer has ended. Helidon would
     * read it all the same; and a client such as the JDK's does not see the answer until it has sent all or was reset.
     */
    private void cutShortIfAnswered() {
        if (afterRequest != null && answerEnded && bodyOpen && !isReset()) {
            // elsewhere, since the end of the answer is yet to be written
            Timer.after(Duration.ZERO, () -> connection.earlyEnds().cutShort(this));
        }
    }

    /**
     * What was written last is a header block in several frames. If it was to end the stream, Helidon has lost that
     * ({@code Http2ConnectionWriter.writeHeaders} of 4.5.0).
     */
    void endMayBeLost(boolean lost) {
        endMayBeLost = lost;
    }

    boolean lacksEnd() {
        return endMayBeLost && !reset.get();
    }

    /** Whether it was not reset before. */
    boolean reset() {
        boolean first = reset.compareAndSet(false, true);
        closeIfEnded();
        return first;
    }

    boolean isReset() {
        return reset.get();
    }

    private void closeIfEnded() {
        if ((reset.get() || !bodyOpen && answerEnded) && closed.compareAndSet(false, true)) {
            connection.streams().closed();
        }
    }

    /** On the stream's thread: whether this is the first time that it has come to an end. */
    boolean isFirstEnd() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    /** For the connection's thread: whether the client has not reset it before. */
    boolean isFirstReset() {
        boolean first = !resetCounted;
        resetCounted = true;
        return first;
    }

    /** On the stream's thread: the routing begins. */
    void routing() {
        routing = true;
    }

    /**
     * Whether Helidon is to hear that the stream has come to an early end. Not once the routing has begun and the whole request
     * was delivered: then there is nothing from the client to wait for, and Helidon forgets the stream by itself, possibly before
     * the end of the answer is written ({@code Http2ServerStream.closeFromLocal} of 4.5.0). A reset of a stream that it has
     * forgotten is an error of the connection to it ({@code Http2Connection.stream}).
     */
    boolean needsReset() {
        return isRunInHelidon() && !(routing && endDelivered);
    }

    /** The body as handlers read it: never one that only seems to be whole. */
    InputStream watched(InputStream body) {
        reading = new BodyReading(body, () -> connection.isOver() && !endDelivered);
        return reading;
    }

    /**
     * On the stream's thread: from now on only Helidon uses it, and waits there for what the client may still send of the
     * body; for ever, if the connection is over and Helidon does not know ({@code Http2ServerStream.handle} of 4.5.0).
     */
    void requestOver() {
        afterRequest = Thread.currentThread();
        cutShortIfAnswered();
        if (connection.isOver()) {
            connectionOver();
        }
    }

    /** Ends Helidon's wait for what cannot come any more, which it takes an interrupt for. */
    void connectionOver() {
        BodyReading body = reading;
        if (body != null) {
            body.connectionOver();
        }
        if (afterRequest != null && !endDelivered) {
            Timer.after(WAITS_AFTER, () -> {
                Thread waiting = afterRequest;
                if (waiting != null) {
                    if (waiting.getState() == Thread.State.WAITING) {
                        waiting.interrupt();
                    }
                    connectionOver();
                }
            });
        }
    }

    /** On the stream's thread: Helidon has done with it. */
    void exited() {
        afterRequest = null;
    }

    @Override
    public void over() {
        super.over();
        requestOver();
    }

    @Override
    protected boolean watches() {
        return connection.watches();
    }

    @Override
    public void watch(Runnable departed) {
        notifying.lock();
        try {
            queued = departed;
        } finally {
            notifying.unlock();
        }
        connection.startWatching();
        if (this.departed) {
            notifyQueued();
        }
    }

    @Override
    public void unwatch() {
        notifying.lock();
        try {
            queued = null;
        } finally {
            notifying.unlock();
        }
    }

    @Override
    public String peer() {
        return connection.peer();
    }

    @Override
    public boolean endsConnection() {
        return false;
    }

    @Override
    public <T extends Routing> Optional<T> routing(Class<T> type) {
        return connection.routing(type);
    }

    @Override
    public void begin(Listener listener) {
        super.begin(listener);
        if (departed) {
            departed();
        }
        connection.began();
    }

    @Override
    public void startWatching() {
        connection.startWatching();
    }

    @Override
    public void abort(Outcome outcome, Thread answering) {
        super.abort(outcome, answering);
        if (answering == null && outcome != Outcome.DISCONNECTED) {
            connection.earlyEnds().reset(this, Frame.CANCEL);
        }
    }

    @Override
    public void answered() {
        connection.earlyEnds().cutShort(this);
    }
}

package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Drain;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.GoAwayCause;
import dev.hangup.internal.connection.ReadAhead;
import dev.hangup.internal.connection.ReadAheadShare;
import dev.hangup.internal.connection.UnwatchedExchange;
import dev.hangup.internal.connection.WatchedContext;
import dev.hangup.internal.connection.WatchedLimit;
import dev.hangup.internal.connection.WatchedPeer;
import dev.hangup.internal.connection.WriteQueue;
import dev.hangup.internal.time.Timer;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;

/**
 * An HTTP/2 connection of Helidon's, watched.
 * <p>
 * Two kinds of threads see what a client sends. {@link ReadAhead} reads the socket while any stream is in flight;
 * {@link FrameScanner} sees there that a stream was reset, or that all have ended, even while Helidon's own thread is held
 * up by a client that does not take what is written. That thread asks {@link FrameReader} for one frame at a time, and
 * {@link InboundFrames} decides which it gets. What it and the streams' threads write passes {@link OutboundFrames} and is
 * written by {@link FrameWriter}.
 * <p>
 * A stream is told apart from its connection: one that is stopped is reset, and the others go on.
 */
final class WatchedHttp2Connection implements ServerConnection, InterruptableTask<Void>, RunningRequests.Source {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");
    private static final Duration LAST_WORDS = Duration.ofMillis(100);
    /** When a client that does not answer a PING is taken to have read what was written before it. */
    private static final Duration PING_ANSWERED_WITHIN = Duration.ofSeconds(2);
    /** The upper half of the data of a PING that follows an early answer; the lower half is the stream. */
    private static final long ANSWER_READ = 0x616e_7377L << Integer.SIZE;
    /** The header block of an answer that has nothing but its status, 431; literal, so that it changes no table. */
    private static final byte[] HEADER_FIELDS_TOO_LARGE = {8, 3, '4', '3', '1'};

    private final ConnectionContext raw;
    private final ConnectionPolicy policy;
    private final ServerConnection delegate;
    private final ConnectionContext context;
    private final Http2Limits limits;
    private final Http2Streams streams;
    private final ReadAheadShare share;
    private final ReadAhead readAhead;
    private final InboundFrames inbound;
    private final OutboundFrames outbound;
    private final FrameWriter writer;
    private final SendWindow sendWindow = new SendWindow(Http2Limits.DEFAULT_WINDOW);
    /** What the client takes on a new stream. Owned by the connection's thread. */
    private long initialWindow = Http2Limits.DEFAULT_WINDOW;
    /** The streams that Helidon runs, by their threads. */
    private final Map<Thread, Http2Exchange> running = new ConcurrentHashMap<>();
    /** The client has said that it goes, and Helidon has not heard of it. */
    private final AtomicBoolean goAwayHeld = new AtomicBoolean();
    /** Settles the race between those that find a reason to end the connection: the first is the one that is reported. */
    private final AtomicReference<GoAwayCause> failure = new AtomicReference<>();
    private final AtomicBoolean refusedAny = new AtomicBoolean();
    private final Drain drain;
    /** Written by the connection's thread before anything happens on another. */
    private Thread thread;
    /** Helidon reads no more. Written by the connection's thread. */
    private volatile boolean over;

    /**
     * @param socket   where to read from
     * @param already  what was read from it before
     * @param share    charged with what the connection holds of bytes that were read and not yet used
     * @param protocol makes Helidon's connection
     */
    WatchedHttp2Connection(ConnectionContext raw, Supplier<byte[]> socket, byte[] already, ConnectionPolicy policy,
                           ReadAheadShare share, Http2Limits limits,
                           Function<ConnectionContext, ServerConnection> protocol) {
        this.raw = raw;
        this.policy = policy;
        this.share = share;
        this.limits = limits;
        this.streams = new Http2Streams(share::charge);
        this.drain = new Drain(policy.drain(), policy.stopping(), () -> streams.forEach(Http2Exchange::stop));
        String name = "[" + raw.socketId() + " " + raw.childSocketId() + "] ";
        FrameScanner scanner = new FrameScanner(socket, this::scanned);
        scanner.scan(already);
        this.readAhead = new ReadAhead(scanner, already, share, name + "read-ahead");
        this.inbound = new InboundFrames(this, limits, streams);
        this.outbound = new OutboundFrames(this, limits, streams);
        this.writer = new FrameWriter(raw.dataWriter(), outbound, this::gone, name + "writer");
        this.context = new WatchedContext(raw, DataReader.create(new FrameReader(readAhead, inbound)), writer,
                                          new WatchedPeer(raw, this::exchange),
                                          it -> new Http2Routing(policy.decorate(it), this), Optional.empty(),
                                          new Http2Tasks(raw.executor(), this));
        this.delegate = protocol.apply(context);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        thread = Thread.currentThread();
        writer.trust();
        RunningRequests.add(this);
        try {
            delegate.handle(new WatchedLimit(WatchedLimit.bare(limit), () -> running.get(Thread.currentThread())));
            // what the client still sends, if only to acknowledge its answers, must not turn the close into a reset
            Duration linger = failed() ? LAST_WORDS : policy.lingeringClose();
            writer.awaitWritten(linger);
            readAhead.refuse();
            readAhead.lingeringClose(linger, true);
        } finally {
            over = true;
            RunningRequests.remove(this);
            gone();
            streams.forEach(Http2Exchange::connectionOver);
            readAhead.close();
            writer.awaitWritten(LAST_WORDS);
            WriteQueue.flush(raw);
        }
    }

    @Override
    public boolean canInterrupt() {
        return delegate instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    @Override
    public void running(RunningRequests.Sink sink) {
        running.forEach((on, stream) -> sink.add(0, "peer=" + peer(), stream.headersReadAt(), on));
    }

    @Override
    public boolean ended() {
        return over;
    }

    @Override
    public Duration idleTime() {
        if (streams.inFlight()) {
            return Duration.ZERO;
        }
        drain.seenIdle();
        return delegate.idleTime();
    }

    /** As with HTTP/1.1; but Helidon does not end a connection that has had streams before something comes from it. */
    @Override
    public void close(boolean interrupt) {
        if (interrupt) {
            streams.forEach(Http2Exchange::stop);
            delegate.close(true);
            return;
        }
        if (streams.inFlight()) {
            // to anything that came from the client now, Helidon would close the connection
            writer.writeSoon(Frame.goAway(Integer.MAX_VALUE));
            drain.begin();
            lastAnswered();
        } else {
            writer.writeSoon(Frame.goAway(streams.last()));
            writer.awaitWritten(LAST_WORDS);
            delegate.close(true);
        }
    }

    /** The stream that existed before the first frame: that of the request that asked for an upgrade. */
    void upgraded(ClientSettings settings) {
        apply(settings);
        inbound.upgraded();
    }

    boolean watches() {
        return policy.watch();
    }

    <T extends Routing> Optional<T> routing(Class<T> type) {
        return Optional.ofNullable(context.router().routing(type, null));
    }

    String peer() {
        return context.remotePeer().host() + ":" + context.remotePeer().port();
    }

    void began() {
        drain.requestBegins();
    }

    void startWatching() {
        readAhead.watch();
    }

    Http2Exchange newest() {
        return inbound.newest();
    }

    /** On the connection's thread: Helidon is given a new request. */
    void open(int id, boolean body) {
        StreamInput input = body ? new StreamInput(limits.window(), share::charge) : null;
        Http2Exchange stream = new Http2Exchange(this, id, input, initialWindow, true);
        streams.open(stream);
        readAhead.guard(this::gone);
    }

    /** On a stream's thread: Helidon begins to run it. */
    void enter(Http2Exchange stream) {
        running.put(Thread.currentThread(), stream);
        writer.trust();
    }

    /** On a stream's thread: Helidon has done with it, and takes no more of its body. */
    void exit(Http2Exchange stream) {
        stream.exited();
        answered(stream);
        discard(stream);
        if (stream.bodyOpen()) {
            streams.cutShort(stream);
        }
        if (stream.needsReset()) {
            abort(stream);
        }
        streams.forget(stream);
        writer.distrust();
        running.remove(Thread.currentThread());
    }

    /** On a stream's thread: the routing begins. */
    void routing(ServerRequest request) {
        Http2Exchange stream = streams.get(request.id());
        if (stream != null) {
            stream.routing();
            if (stream.bodyOpen()) {
                request.streamFilter(stream::watched);
            }
        }
    }

    /** On a stream's thread: the routing has returned without a failure, so the answer is whole. */
    void succeeded(ServerRequest request) {
        Http2Exchange stream = streams.get(request.id());
        if (stream != null && stream.lacksEnd()) {
            writer.writeNow(BufferData.create(Frame.endOfData(stream.id())));
        }
    }

    /** On a stream's thread: the routing has returned. */
    void routed(ServerRequest request) {
        Http2Exchange stream = streams.get(request.id());
        if (stream != null) {
            answered(stream);
            stream.requestOver();
        }
    }

    /** A stream is closed for both sides. */
    void closed() {
        streams.closed();
    }

    /** Whether Helidon reads no more from the connection. */
    boolean isOver() {
        return over;
    }

    /** Resets a stream, unless that was done before, by the client or the server. */
    void reset(Http2Exchange stream, int errorCode) {
        if (stream.reset()) {
            writer.writeSoon(Frame.reset(stream.id(), errorCode));
            wasReset(stream);
        }
    }

    /** Nobody wants what may still come of a stream. */
    void wasReset(Http2Exchange stream) {
        if (stream.bodyOpen()) {
            streams.cutShort(stream);
        }
        abort(stream);
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

    private void answerRead(Http2Exchange stream) {
        if (stream.bodyOpen()) {
            reset(stream, Frame.NO_ERROR);
        }
    }

    /** On the connection's thread: the client has read what was written before a PING. */
    void pingAcknowledged(long data) {
        int id = (int) data;
        Http2Exchange stream = data == (ANSWER_READ | id) ? streams.cutShort(id) : null;
        if (stream != null) {
            answerRead(stream);
        }
    }

    /** Drops what is held for Helidon of a stream, and lets it know that the stream has come to an early end. */
    void abort(Http2Exchange stream) {
        discard(stream);
        if (streams.get(stream.id()) == stream) {
            inbound.abort(stream);
            readAhead.wake();
        }
    }

    /** Drops what is held of a stream's body, and gives the client back what it may send for it. */
    void discard(Http2Exchange stream) {
        if (stream.input() != null) {
            credit(0, inbound.release(stream.input().discard()));
        }
    }

    /** The handler of a stream has read some of the body. On any thread. */
    void read(int id, int bytes) {
        Http2Exchange stream = streams.get(id);
        if (stream == null || stream.input() == null) {
            return;
        }
        credit(0, inbound.release(stream.input().read(bytes)));
        if (stream.bodyOpen() && !stream.isReset()) {
            credit(id, stream.input().release(bytes));
        }
        if (stream.input().holds()) {
            inbound.readable(stream);
            readAhead.wake();
        }
    }

    private void credit(int id, int bytes) {
        if (bytes > 0) {
            writer.writeSoon(Frame.windowUpdate(id, bytes));
        }
    }

    /** On the connection's thread: gives the client back what it may send for data that was dropped. */
    void creditWhenRoom(int dropped) {
        int bytes = inbound.release(dropped);
        if (bytes > 0) {
            writer.writeWhenRoom(Frame.windowUpdate(0, bytes));
        }
    }

    /** On the connection's thread: a stream is one more than the client may open. It can be sure that nothing was done. */
    void refuse(int id, boolean body) {
        refused(id, body).reset();
        writer.writeWhenRoom(Frame.reset(id, Frame.REFUSED_STREAM));
        policy.http2Events().refusedStream();
        if (refusedAny.compareAndSet(false, true)) {
            log("opens more than " + limits.maxStreams() + " streams at a time; those over the limit are refused");
        }
    }

    /** On the connection's thread: the header fields of a request are larger than any handler is to see. */
    void refuseHeaders(int id, boolean body) {
        Http2Exchange stream = refused(id, body);
        writer.writeWhenRoom(Frame.headers(id, true, new byte[0], HEADER_FIELDS_TOO_LARGE, HEADER_FIELDS_TOO_LARGE.length));
        if (body) {
            resetWhenRead(stream);
        }
    }

    private Http2Exchange refused(int id, boolean body) {
        StreamInput input = body ? new StreamInput(limits.window(), share::charge) : null;
        Http2Exchange stream = new Http2Exchange(this, id, input, 0, false);
        streams.refuse(id);
        if (body) {
            streams.cutShort(stream);
        }
        return stream;
    }

    /** On the connection's thread: whether a client's settings are such as can be followed (RFC 9113, 6.9.2). */
    boolean apply(ClientSettings settings) {
        outbound.headerTableSize(settings.headerTableSize());
        if (settings.initialWindow() < 0) {
            return true;
        }
        long more = settings.initialWindow() - initialWindow;
        initialWindow = settings.initialWindow();
        boolean[] possible = {initialWindow <= Integer.MAX_VALUE};
        streams.forEach(stream -> possible[0] &= stream.sendWindow().grant(more));
        return possible[0];
    }

    /** What the client takes on all streams. */
    SendWindow sendWindow() {
        return sendWindow;
    }

    /**
     * Helidon resets a stream, for what its client or its handler did. For more than the windows can be it need not, since
     * that was refused before; but it also takes a window that was negative for one ({@code Http2ServerStream.windowUpdate}
     * of 4.5.0).
     *
     * @return whether the client is to hear of it
     */
    boolean resetByHelidon(int id, int errorCode) {
        Http2Exchange stream = streams.get(id);
        if (errorCode == Frame.FLOW_CONTROL_ERROR) {
            return false;
        }
        if (stream == null) {
            return true;
        }
        if (!stream.reset()) {
            return false;
        }
        stream.departed();
        if (stream.bodyOpen()) {
            streams.cutShort(stream);
        }
        if (Thread.currentThread() == thread) {
            discard(stream);
            inbound.contentRefused(stream);
            if (!stream.isEntered()) {
                // nor will it be
                answered(stream);
                streams.forget(stream);
            }
        } else {
            abort(stream);
        }
        return true;
    }

    /** Ends the connection, as the protocol has it, and says why. */
    void fail(GoAwayCause cause) {
        if (failed(cause)) {
            writer.writeSoon(Frame.goAway(streams.last(), Frame.errorCode(cause), cause.toString()));
        }
    }

    /**
     * Helidon ends the connection, or says so: for windows that it takes for too large, as with streams, it goes on.
     *
     * @return whether the client is to hear of it
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
        log("was ended: " + cause);
        streams.forEach(stream -> {
            stream.departed();
            abort(stream);
        });
        return true;
    }

    /** Whether the connection was ended for a fault of its client's. */
    boolean failed() {
        return failure.get() != null;
    }

    /** Gives Helidon a frame that the client has not sent. */
    void inject(byte[] frame) {
        inbound.inject(frame);
        readAhead.wake();
    }

    /** Nobody is left at the other end. */
    void gone() {
        streams.forEach(Http2Exchange::departed);
    }

    /** On the connection's thread, before it waits for what the client sends. */
    void beforeRead() {
        if (streams.isEmpty()) {
            readAhead.unwatch();
        }
    }

    /** Whether Helidon is not to hear yet that the client goes: it would end the connection, with all that is in flight. */
    boolean holdsGoAway() {
        if (!streams.inFlight()) {
            return false;
        }
        goAwayHeld.set(true);
        lastAnswered();
        return true;
    }

    private Exchange exchange(ServerRequest request) {
        Http2Exchange stream = streams.get(request.id());
        return stream == null ? UnwatchedExchange.of(request) : stream;
    }

    /** On the thread that reads. */
    private void scanned(Frame frame) {
        if (frame.type() == Frame.RST_STREAM && !failed()) {
            streams.resetEarly(frame.streamId());
        }
    }

    private void answered(Http2Exchange stream) {
        if (stream.isFirstEnd()) {
            streams.answered();
            lastAnswered();
        }
    }

    private void lastAnswered() {
        if (streams.inFlight()) {
            return;
        }
        if (goAwayHeld.compareAndSet(true, false)) {
            inject(Frame.goAway(0));
        } else if (drain.begun()) {
            delegate.close(false);
            inject(Frame.nothing());
        }
    }

    private void log(String what) {
        LOGGER.log(System.Logger.Level.INFO, "HTTP/2 connection of " + peer() + " " + what);
    }
}

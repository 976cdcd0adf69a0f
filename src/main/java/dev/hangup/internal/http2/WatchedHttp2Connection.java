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
import dev.hangup.internal.connection.DecoratedRouting;
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
 * a {@link FrameParser} sees there that a stream was reset, or that all have ended, even while Helidon's own thread is held
 * up by a client that does not take what is written. That thread asks {@link FrameReader} for one frame at a time, and
 * {@link InboundFrames} decides which it gets. What it and the streams' threads write passes {@link OutboundFrames} and is
 * written by {@link FrameWriter}.
 * <p>
 * A stream is told apart from its connection: one that is stopped is reset, and the others go on ({@link EarlyEnds}).
 */
final class WatchedHttp2Connection implements ServerConnection, InterruptableTask<Void>, RunningRequests.Source {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");
    private static final Duration LAST_WORDS = Duration.ofMillis(100);

    private final ConnectionContext raw;
    private final ConnectionPolicy policy;
    private final Http2Limits limits;
    private final ReadAheadShare share;
    private final Http2Streams streams;
    private final Drain drain;
    // set before Helidon sees this, down to the delegate
    private ReadAhead readAhead;
    private OutboundFrames outbound;
    private FrameWriter writer;
    private FlowControl flow;
    private InboundQueue queue;
    private InboundFrames inbound;
    private EarlyEnds earlyEnds;
    private ConnectionContext context;
    private ServerConnection delegate;
    /** The streams that Helidon runs, by their threads. */
    private final Map<Thread, Http2Exchange> running = new ConcurrentHashMap<>();
    /** The client has said that it goes, and Helidon has not heard of it. */
    private final AtomicBoolean goAwayHeld = new AtomicBoolean();
    /** Settles the race between those that find a reason to end the connection: the first is the one that is reported. */
    private final AtomicReference<GoAwayCause> failure = new AtomicReference<>();
    private final AtomicBoolean refusedAny = new AtomicBoolean();
    /** Written by the connection's thread before anything happens on another. */
    private Thread thread;
    /** Helidon reads no more. Written by the connection's thread. */
    private volatile boolean over;

    private WatchedHttp2Connection(ConnectionContext raw, ConnectionPolicy policy, ReadAheadShare share, Http2Limits limits) {
        this.raw = raw;
        this.policy = policy;
        this.share = share;
        this.limits = limits;
        this.streams = new Http2Streams(share::charge);
        this.drain = new Drain(policy.drain(), policy.stopping());
    }

    /**
     * Watches a connection.
     *
     * @param socket   where to read from
     * @param already  what was read from it before
     * @param share    charged with what the connection holds of bytes that were read and not yet used
     * @param protocol makes Helidon's connection
     */
    static WatchedHttp2Connection create(ConnectionContext raw, Supplier<byte[]> socket, byte[] already,
                                         ConnectionPolicy policy, ReadAheadShare share, Http2Limits limits,
                                         Function<ConnectionContext, ServerConnection> protocol) {
        WatchedHttp2Connection created = new WatchedHttp2Connection(raw, policy, share, limits);
        created.connect(socket, already, protocol);
        return created;
    }

    private void connect(Supplier<byte[]> socket, byte[] already, Function<ConnectionContext, ServerConnection> protocol) {
        String name = "[" + raw.socketId() + " " + raw.childSocketId() + "] ";
        FrameParser ahead = new FrameParser();
        ahead.scan(already, this::scanned);
        readAhead = new ReadAhead(ahead.scanning(socket, this::scanned), already, share, name + "read-ahead");
        outbound = new OutboundFrames(this, limits, streams);
        writer = new FrameWriter(raw.dataWriter(), outbound, this::gone, name + "writer");
        flow = new FlowControl(writer, streams, limits);
        queue = new InboundQueue(readAhead::wake);
        inbound = new InboundFrames(this, limits, streams, flow, queue);
        earlyEnds = new EarlyEnds(this, streams, writer, flow, inbound, queue);
        context = new WatchedContext(raw, DataReader.create(new FrameReader(readAhead, inbound)), writer,
                                     new WatchedPeer(raw, this::exchange),
                                     it -> new DecoratedRouting(policy.decorate(it), new Http2Routing(this)),
                                     Optional.empty(), new Http2Tasks(raw.executor(), this));
        delegate = protocol.apply(context);
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

    /**
     * As with HTTP/1.1; but to Helidon a stream that was answered is in flight until its client has ended it ({@code
     * Http2Connection.canInterrupt} of 4.5.0), and a gentle close of a connection that has streams in flight takes effect with
     * the next frame, on all of them ({@code Http2Connection.doHandle}).
     */
    @Override
    public void close(boolean interrupt) {
        if (interrupt) {
            streams.forEach(Http2Exchange::stop);
            delegate.close(true);
            return;
        }
        if (streams.inFlight()) {
            // Helidon is closed when the last is answered
            writer.writeSoon(Frame.goAway(Integer.MAX_VALUE));
            drain.begin(() -> streams.forEach(Http2Exchange::stop));
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
        if (drain.isOver()) {
            streams.forEach(Http2Exchange::stop);
        }
    }

    void startWatching() {
        readAhead.watch();
    }

    /** On the connection's thread: whether a client's settings are such as can be followed. */
    boolean apply(ClientSettings settings) {
        outbound.headerTableSize(settings.headerTableSize());
        return flow.apply(settings);
    }

    FlowControl flow() {
        return flow;
    }

    EarlyEnds earlyEnds() {
        return earlyEnds;
    }

    Http2Streams streams() {
        return streams;
    }

    Http2Exchange newest() {
        return inbound.newest();
    }

    /** On the connection's thread: Helidon is given a new request. */
    void open(int id, boolean body) {
        streams.open(exchange(id, body, flow.initialWindow(), true));
        readAhead.guard(this::gone);
    }

    Http2Exchange exchange(int id, boolean body, long sendWindow, boolean opened) {
        return new Http2Exchange(this, id, body ? new StreamInput(limits.window(), share::charge) : null, sendWindow, opened);
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
        flow.discard(stream);
        earlyEnds.expectRest(stream);
        if (stream.needsReset()) {
            earlyEnds.abort(stream);
        }
        streams.forget(stream);
        writer.distrust();
        running.remove(Thread.currentThread());
    }

    /** On a stream's thread: the routing has returned without a failure, so the answer is whole. */
    void succeeded(Http2Exchange stream) {
        if (stream.lacksEnd()) {
            writer.writeNow(BufferData.create(Frame.endOfData(stream.id())));
        }
    }

    /** Whether Helidon reads no more from the connection. */
    boolean isOver() {
        return over;
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** The handler of a stream has read some of the body. On any thread. */
    void read(int id, int bytes) {
        Http2Exchange stream = streams.get(id);
        if (stream == null || stream.input() == null) {
            return;
        }
        flow.read(stream, bytes);
        if (stream.input().holds()) {
            queue.read(stream);
        }
    }

    /** A stream was refused, since the client has opened too many. */
    void refusedStream() {
        policy.http2Events().refusedStream();
        if (refusedAny.compareAndSet(false, true)) {
            log("opens more than " + limits.maxStreams() + " streams at a time; those over the limit are refused");
        }
    }

    /** Ends the connection, as the protocol has it, and says why. */
    void fail(GoAwayCause cause) {
        if (failed(cause)) {
            writer.writeSoon(Frame.goAway(streams.last(), Frame.errorCode(cause), cause.toString()));
        }
    }

    /**
     * Helidon ends the connection, or says so: for windows that it takes for too large, as with streams, it goes on. Such is one
     * that several streams have overdrawn ({@code Http2Connection.readWindowUpdateFrame} and {@code
     * Http2ConnectionWriter.splitAndWrite} of 4.5.0).
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
            earlyEnds.abort(stream);
        });
        return true;
    }

    /** Whether the connection was ended for a fault of its client's. */
    boolean failed() {
        return failure.get() != null;
    }

    /** Gives Helidon a frame that the client has not sent. */
    void inject(byte[] frame) {
        queue.inject(frame);
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

    /**
     * Whether Helidon is not to hear yet that the client goes: it would end the connection, with all that is in flight
     * ({@code Http2Connection.goAwayFrame} of 4.5.0).
     */
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

    /** Helidon has answered a request, or will not. */
    void answered(Http2Exchange stream) {
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

package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.DecoratedRouting;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.ReadAhead;
import dev.hangup.internal.connection.ReadAheadShare;
import dev.hangup.internal.connection.TlsClose;
import dev.hangup.internal.connection.UnwatchedExchange;
import dev.hangup.internal.connection.WatchedConnection;
import dev.hangup.internal.connection.WatchedContext;
import dev.hangup.internal.connection.WatchedLimit;
import dev.hangup.internal.connection.WriteQueue;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;

/**
 * One of Helidon's HTTP/2 connections, watched.
 * <p>
 * Two threads process what a client sends. The thread of {@link ReadAhead} reads the socket while any stream is in flight. On it,
 * a {@link FrameParser} notices resets and the end of the connection, even while Helidon's own thread is blocked by a client that
 * does not read. Helidon's thread requests one frame at a time from the {@link FrameReader}, and {@link InboundFrames} decides
 * which frames it receives. What Helidon's thread and the threads of streams write is filtered by {@link OutboundFrames} and
 * written by {@link FrameWriter}.
 * <p>
 * A cancelled request ends its stream, not the connection: the stream is reset, and the others continue ({@link EarlyEnds}).
 * What ends the connection is up to {@link ConnectionEnd}.
 */
final class WatchedHttp2Connection extends WatchedConnection {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    private final Http2Limits limits;
    private final Http2Streams streams;
    // the fields down to end are set before Helidon receives this connection
    private OutboundFrames outbound;
    private FrameWriter writer;
    private FlowControl flow;
    private InboundQueue queue;
    private InboundFrames inbound;
    private EarlyEnds earlyEnds;
    private ConnectionEnd end;
    /** The listener's concurrency limit. Written by the connection's thread before it runs Helidon's connection. */
    private Limit limit;
    /** The streams that Helidon runs, by thread. */
    private final Map<Thread, Http2Exchange> running = new ConcurrentHashMap<>();
    private final AtomicBoolean refusedAny = new AtomicBoolean();
    /** Helidon reads no more from the connection. Written by the connection's thread. */
    private volatile boolean over;

    private WatchedHttp2Connection(ConnectionContext raw, ConnectionPolicy policy, ReadAheadShare share, Http2Limits limits) {
        super(raw, policy, share);
        this.limits = limits;
        this.streams = new Http2Streams(share);
    }

    /**
     * Creates a watched connection.
     *
     * @param socket   supplies the bytes of the client
     * @param share    charged for the bytes that the connection has read and not yet consumed
     * @param protocol creates Helidon's connection
     */
    static WatchedHttp2Connection create(ConnectionContext raw, Supplier<byte[]> socket, ConnectionPolicy policy,
                                         ReadAheadShare share, Http2Limits limits,
                                         Function<ConnectionContext, ServerConnection> protocol) {
        WatchedHttp2Connection created = new WatchedHttp2Connection(raw, policy, share,
                                                                    limits.within(policy.readAhead().perConnection()));
        created.connect(socket, protocol);
        return created;
    }

    private void connect(Supplier<byte[]> socket, Function<ConnectionContext, ServerConnection> protocol) {
        Supplier<byte[]> scanned = new FrameParser().scanning(socket, this::scanned, this::endRead);
        readAhead = new ReadAhead(scanned, share, name + "read-ahead");
        outbound = new OutboundFrames(this, limits, streams);
        writer = new FrameWriter(raw.dataWriter(), outbound, this::broken, name + "writer");
        flow = new FlowControl(writer, streams, limits);
        queue = new InboundQueue(readAhead::wake);
        inbound = new InboundFrames(this, limits, streams, flow, queue);
        earlyEnds = new EarlyEnds(this, streams, writer, flow, inbound, queue);
        end = new ConnectionEnd(this, policy, drain, streams, writer, inbound, queue, earlyEnds);
        Http2Tasks tasks = new Http2Tasks(raw.executor(), this);
        WatchedContext context = new WatchedContext(raw, DataReader.create(new FrameReader(readAhead, inbound)), writer, peer,
                                                    it -> new DecoratedRouting(policy.decoration().apply(it),
                                                                               new Http2Routing(this))) {
            @Override
            public ExecutorService executor() {
                return tasks;
            }
        };
        delegate = protocol.apply(context);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            begins();
            this.limit = new WatchedLimit(WatchedLimit.unwrap(limit), () -> running.get(Thread.currentThread()));
            runHelidon();
            // bytes that the client still sends, such as acknowledgements, must not turn the close into a TCP reset
            Duration linger = end.isFailed() ? ConnectionEnd.FINAL_WRITE_TIMEOUT : policy.lingeringClose();
            writer.awaitWritten(linger);
            readAhead.refuse();
            readAhead.lingeringClose(linger, end.mayBeUnread());
        } finally {
            ends();
            // before reads of bodies fail because the connection is over: work that fails then must find that its client has left
            gone();
            over = true;
            earlyEnds.close();
            streams.forEach(EndlessWait::end);
            readAhead.close();
            finish();
        }
    }

    /**
     * Runs Helidon's connection. Its thread is interrupted only to end the connection. If it is about to write then, Helidon 4.5.0
     * throws an exception that is logged as unexpected, with its stack trace ({@code Http2ConnectionWriter.lock}, {@code
     * ConnectionHandler.run}). Clients could fill the log with these, by leaving while a response is written.
     */
    private void runHelidon() throws InterruptedException {
        try {
            delegate.handle(limit);
        } catch (IllegalStateException e) {
            if (e.getCause() instanceof InterruptedException) {
                throw new CloseConnectionException("The connection was ended", e);
            }
            throw e;
        }
    }

    /**
     * Writes what is left to be written, and releases the socket. Neither depends on the client: a write that it blocks is broken
     * off.
     */
    private void finish() {
        // an interrupt of this thread ends the connection, but what is queued may still be written
        boolean interrupted = Thread.interrupted();
        if (!writer.awaitWritten(ConnectionEnd.FINAL_WRITE_TIMEOUT)) {
            writer.breakOff();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        WriteQueue.flush(raw);
        TlsClose.close(raw, readAhead, writer.meter, true);
    }

    /**
     * Breaks the connection off if its socket takes too little while a request that no race limits is in flight. Each of its
     * streams may have to wait for the socket, wherever its thread waits now.
     */
    @Override
    public void lookForStall() {
        // without streams, the rest of responses that have ended is queued
        boolean waits = writer.meter.isBlocked() && (streams.isEmpty() || streams.any(Http2Exchange::isLimitedBySocket));
        if (!endStall(writer.meter, waits)) {
            streams.forEach(stream -> stream.lookForStall(policy.stallTimer().limit()));
        }
    }

    /**
     * Whether Helidon, when it stops, may interrupt the connection's thread at once, which closes the socket. Not if the connection
     * was closed gently: {@link ConnectionEnd} ends it.
     */
    @Override
    public boolean canInterrupt() {
        return !end.isClosing() && !inFlight() && super.canInterrupt();
    }

    @Override
    public void running(RunningRequests.Sink sink) {
        running.forEach((on, stream) -> stream.running(sink, on));
    }

    @Override
    protected boolean inFlight() {
        return streams.inFlight();
    }

    @Override
    public void close(boolean interrupt) {
        if (!interrupt) {
            end.close();
            return;
        }
        streams.forEach(Http2Exchange::stop);
        end.closeNow();
    }

    /** Ends Helidon's connection by an interrupt of its thread, which closes the socket if the thread waits for it. */
    void interruptHelidon() {
        delegate.close(true);
    }

    Http2Limits limits() {
        return limits;
    }

    /** The prefix of the names of this connection's threads. */
    String name() {
        return name;
    }

    /** Called before {@link #handle} if the connection begins with a request for an upgrade, which has the given settings. */
    void upgraded(ClientSettings settings) {
        inbound.upgraded(!apply(settings));
    }

    void startWatching() {
        readAhead.watch();
    }

    /** On the connection's thread: applies a client's settings; {@code false} if they violate flow control. */
    boolean apply(ClientSettings settings) {
        outbound.headerTableSize(settings.headerTableSize());
        return flow.apply(settings);
    }

    FrameWriter writer() {
        return writer;
    }

    FlowControl flow() {
        return flow;
    }

    EarlyEnds earlyEnds() {
        return earlyEnds;
    }

    ConnectionEnd connectionEnd() {
        return end;
    }

    Http2Streams streams() {
        return streams;
    }

    /** The concurrency limit, to be asked on a stream's thread. */
    Limit limit() {
        return limit;
    }

    Http2Exchange newest() {
        return inbound.newest();
    }

    /**
     * On the connection's thread: called before a new request is passed to Helidon. Returns {@code false} if the connection takes
     * no further requests: GOAWAY has announced that this one is not processed, and Helidon must not receive it.
     */
    boolean open(int id, boolean body) {
        if (!streams.open(exchange(id, body, flow.initialWindow(), true))) {
            return false;
        }
        readAhead.guard(this::gone);
        end.requestBegins();
        return true;
    }

    Http2Exchange exchange(int id, boolean body, long sendWindow, boolean opened) {
        return new Http2Exchange(this, id, body ? input(id) : null, sendWindow, opened);
    }

    /** A client that does not know the server's settings yet may use the default window (RFC 9113, 6.9.2). */
    private StreamInput input(int id) {
        int open = inbound.areLimitsKnown() ? limits.window() : Math.max(limits.window(), Http2Limits.DEFAULT_WINDOW);
        return new StreamInput(id, open, limits.window(), share);
    }

    /** On a stream's thread: called when Helidon begins to run the stream. */
    void enter(Http2Exchange stream) {
        running.put(Thread.currentThread(), stream);
        stream.entered();
    }

    /** Whether the current thread is the one on which Helidon runs the stream. */
    boolean isStreamThread(Http2Exchange stream) {
        return running.get(Thread.currentThread()) == stream;
    }

    /** On a stream's thread: called when Helidon has finished the stream and reads no more of its body. */
    void exit(Http2Exchange stream) {
        stream.exited();
        completed(stream);
        flow.discard(stream);
        if (stream.isRespondedEarly()) {
            // Helidon may have failed to discard the rest, before the timer has come to it
            earlyEnds.cutShort(stream);
        } else {
            earlyEnds.expectRest(stream);
            if (stream.needsReset()) {
                earlyEnds.abort(stream);
            }
        }
        streams.forget(stream);
        // the connection's thread may have found the stream before, and have counted data as unread since
        flow.discard(stream);
        writer.writesNoMore();
        running.remove(Thread.currentThread());
    }

    /** On a stream's thread: called when the routing has returned without a failure, so the response is complete. */
    void succeeded(Http2Exchange stream) {
        if (stream.lacksEnd()) {
            writer.writeNow(BufferData.create(Frame.endOfData(stream.id)));
        }
    }

    /** On a stream's thread: called when Helidon's code for the stream has thrown an exception, which nothing responds to. */
    void failed() {
        Http2Exchange stream = running.get(Thread.currentThread());
        if (stream != null && !stream.isResponseEnded()) {
            earlyEnds.reset(stream, Frame.INTERNAL_ERROR);
        }
    }

    /** Whether Helidon reads no more from the connection. */
    boolean isOver() {
        return over;
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Called when the handler of a stream has read some of the body. On any thread. */
    void read(int id, int bytes) {
        Http2Exchange stream = streams.get(id);
        if (stream == null || stream.input == null) {
            return;
        }
        flow.read(stream, bytes);
        if (stream.input.holds()) {
            queue.read(stream);
        }
    }

    /** Called when a stream was refused because the client has too many open, or too many requests of it still run. */
    void refusedStream() {
        policy.http2Events().refusedStream();
        if (refusedAny.compareAndSet(false, true)) {
            log("opens more than " + limits.maxStreams() + " streams at a time, or has more than " + limits.maxRunning()
                        + " requests that still run; those over the limit are refused");
        }
    }

    /** Passes to Helidon a frame that the client has not sent. */
    void inject(byte[] frame) {
        queue.inject(frame);
    }

    /** Called when the client can no longer be reached. */
    void gone() {
        streams.forEach(Http2Exchange::departed);
    }

    /** Called when nothing can be written any more. Requests that came in later would get no response. */
    private void broken() {
        gone();
        if (!over) {
            interruptHelidon();
        }
    }

    /** On the connection's thread: called before it waits for bytes of the client. */
    void beforeRead() {
        if (streams.isEmpty()) {
            readAhead.unwatch();
        }
    }

    @Override
    protected Exchange exchange(ServerRequest request) {
        Http2Exchange stream = streams.get(request.id());
        return stream == null ? UnwatchedExchange.of(request) : stream;
    }

    /** On the reading thread: called for each frame. */
    private void scanned(Frame frame) {
        if (frame.type() == Frame.RST_STREAM && !end.isFailed()) {
            streams.resetEarly(frame.streamId());
        }
    }

    /** On the reading thread: called when the client has ended the connection. */
    private void endRead() {
        gone();
        // let the watchers run before the connection's thread, which is woken next
        Thread.yield();
    }

    /** Called when Helidon has responded to a request, or never will. */
    void completed(Http2Exchange stream) {
        if (stream.isFirstEnd()) {
            if (!stream.isReset()) {
                end.responds();
            }
            streams.completed();
            end.completed();
        }
    }

    void log(String what) {
        LOGGER.log(System.Logger.Level.INFO, "HTTP/2 connection of " + peer.text() + " " + what);
    }
}

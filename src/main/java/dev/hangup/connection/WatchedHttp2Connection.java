package dev.hangup.connection;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

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
 * Helidon's own thread reads it all the time, but for when a stream does not take its data and its queue is full, or
 * the client does not take what is written. So while any stream is in flight, {@link ReadAhead} reads, and
 * {@link FrameScanner} sees a reset, or the end of them all, however much lies before it. What Helidon gets of that, it
 * gets frame by frame from {@link FrameReader}; what it writes passes {@link FrameWriter}.
 * <p>
 * A stream is told apart from its connection: one that is stopped is reset, and the others go on.
 */
final class WatchedHttp2Connection implements ServerConnection, InterruptableTask<Void> {
    private static final Duration LAST_WORDS = Duration.ofMillis(100);

    private final ConnectionContext raw;
    private final ConnectionPolicy policy;
    private final ServerConnection delegate;
    private final ConnectionContext context;
    private final Http2Streams streams = new Http2Streams();
    private final ReadAhead readAhead;
    private final FrameReader reader;
    private final FrameWriter writer;
    /** The streams that Helidon runs, by their threads. */
    private final Map<Thread, Http2Watch> running = new ConcurrentHashMap<>();
    /** The client has said that it goes, and Helidon has not heard of it. */
    private final AtomicBoolean goAwayHeld = new AtomicBoolean();
    private final Drain drain;

    /**
     * @param socket   where to read from
     * @param already  what was read from it before
     * @param share    charged with what the connection holds of bytes that were read and not yet used
     * @param protocol makes Helidon's connection
     */
    WatchedHttp2Connection(ConnectionContext raw, Supplier<byte[]> socket, byte[] already, ConnectionPolicy policy,
                           ReadAheadShare share, Function<ConnectionContext, ServerConnection> protocol) {
        this.raw = raw;
        this.policy = policy;
        this.drain = new Drain(policy.drain(), policy.stopping(), () -> streams.forEach(Http2Watch::stop));
        String name = "[" + raw.socketId() + " " + raw.childSocketId() + "] ";
        FrameScanner scanner = new FrameScanner(socket, this::read);
        scanner.scan(already);
        this.readAhead = new ReadAhead(scanner, already, share, name + "read-ahead");
        this.reader = new FrameReader(this::next, this::deliver);
        this.writer = new FrameWriter(raw.dataWriter(), this::write, this::gone, name + "writer");
        this.context = new WatchedContext(raw, DataReader.create(reader), writer, new WatchedPeer(raw, this::watch),
                                          it -> new Http2Routing(policy.decorate(it), this), Optional.empty(),
                                          new Http2Tasks(raw.executor(), this));
        this.delegate = protocol.apply(context);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        writer.trust();
        try {
            delegate.handle(new WatchedLimit(WatchedLimit.bare(limit), () -> running.get(Thread.currentThread())));
            // what the client still sends, if only to say that it has got its answers, must not turn the close into a reset
            writer.awaitWritten(policy.linger());
            readAhead.refuse();
            readAhead.linger(policy.linger(), true);
        } finally {
            reader.close();
            gone();
            readAhead.close();
            writer.awaitWritten(LAST_WORDS);
            WriteQueue.close(raw, true);
        }
    }

    @Override
    public boolean canInterrupt() {
        return delegate instanceof InterruptableTask<?> task && task.canInterrupt();
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
            streams.forEach(Http2Watch::stop);
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
    void upgraded() {
        open(1, false);
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

    void attend() {
        readAhead.watch();
    }

    /** Resets a stream, unless that was done before, by us or by the client. */
    void reset(Http2Watch stream, int errorCode) {
        writer.writeSoon(Frame.reset(stream.id(), errorCode));
    }

    /** On a stream's thread: nobody wants what is left of its body. */
    void dropBody(Http2Watch stream, ServerRequest request) {
        // what it takes is credited to the client on this thread, which may be interrupted meanwhile
        writer.distrust();
        try {
            Http2Body.drop(request, () -> reader.holds(stream.id()));
        } finally {
            writer.trust();
        }
    }

    Http2Watch newest() {
        return streams.get(streams.last());
    }

    /** On a stream's thread: Helidon begins to run it. */
    void enter(Http2Watch stream) {
        running.put(Thread.currentThread(), stream);
        writer.trust();
    }

    /** On a stream's thread: Helidon has done with it, and takes no more of its body. */
    void exit(Http2Watch stream) {
        stream.exited();
        answered(stream);
        streams.forget(stream);
        writer.distrust();
        stream.request().ifPresent(it -> Http2Body.free(it, () -> reader.holds(stream.id())));
        running.remove(Thread.currentThread());
    }

    /** On a stream's thread: the routing has returned. */
    void routed(ServerRequest request) {
        Http2Watch stream = streams.get(request.id());
        if (stream != null) {
            answered(stream.of(request));
            if (stream.bodyOpen()) {
                // Helidon waits for its end, which does not come if the client resets the stream, or has left
                writer.distrust();
                stream.dropsBody();
            }
        }
    }

    private Watch watch(ServerRequest request) {
        Http2Watch stream = streams.get(request.id());
        return stream == null ? Unwatched.of(request) : stream.of(request);
    }

    /** On the connection's thread: what Helidon waits for. */
    private byte[] next() {
        if (!streams.inFlight()) {
            readAhead.unwatch();
        }
        return readAhead.get();
    }

    /** On the thread that reads. */
    private void read(Frame frame) {
        if (frame.type() == Frame.RST_STREAM) {
            streams.reset(frame.streamId());
        }
    }

    /** On the connection's thread: whether Helidon is to get a frame. */
    private boolean deliver(Frame frame) {
        int id = frame.streamId();
        if (frame.type() == Frame.GOAWAY) {
            return !hold();
        }
        if (frame.type() == Frame.HEADERS && isClients(id) && !streams.known(id)) {
            open(id, !frame.endsStream());
            return true;
        }
        Http2Watch stream = streams.get(id);
        if (frame.type() == Frame.DATA && isClients(id) && streams.known(id) && (stream == null || stream.refusesBody())) {
            // Helidon would queue it for nobody. The client has paid for it out of what it may send on all streams
            if (frame.length() > 0) {
                writer.writeWhenRoom(Frame.windowUpdate(0, frame.length()));
            }
            return false;
        }
        if (stream != null && frame.type() == Frame.RST_STREAM) {
            stream.resetByClient();
        } else if (stream != null && frame.endsStream()) {
            stream.bodyEnds();
        }
        return true;
    }

    /** With the writer's lock: whether a frame of Helidon's, or of ours, is to be written. */
    private boolean write(Frame frame) {
        Http2Watch stream = streams.get(frame.streamId());
        if (stream == null) {
            return true;
        }
        if (frame.type() == Frame.RST_STREAM) {
            return stream.reset();
        }
        if (frame.type() == Frame.DATA && stream.isReset()) {
            // Helidon takes it for written, out of what the client allows on all streams
            if (frame.length() > 0) {
                tell(Frame.windowUpdate(0, frame.length()));
            }
            return false;
        }
        return true;
    }

    /** Those that a client opens have odd numbers (RFC 9113, 5.1.1); of others Helidon complains. */
    private static boolean isClients(int id) {
        return id % 2 == 1;
    }

    private void open(int id, boolean body) {
        streams.open(new Http2Watch(this, id, body));
        readAhead.guard(this::gone);
    }

    /** Nobody is left at the other end. */
    private void gone() {
        streams.forEach(Http2Watch::departed);
    }

    private void answered(Http2Watch stream) {
        if (stream.isFirstEnd()) {
            streams.answered();
            lastAnswered();
        }
    }

    /** Whether Helidon is not to hear yet that the client goes: it would end the connection, with all that is in flight. */
    private boolean hold() {
        if (!streams.inFlight()) {
            return false;
        }
        goAwayHeld.set(true);
        lastAnswered();
        return true;
    }

    private void lastAnswered() {
        if (streams.inFlight()) {
            return;
        }
        if (goAwayHeld.compareAndSet(true, false)) {
            tell(Frame.goAway(0));
        } else if (drain.begun()) {
            delegate.close(false);
            tell(Frame.nothing());
        }
    }

    /** Gives Helidon a frame that the client has not sent. */
    private void tell(byte[] frame) {
        reader.inject(frame);
        readAhead.wake();
    }
}

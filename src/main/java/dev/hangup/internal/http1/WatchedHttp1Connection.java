package dev.hangup.internal.http1;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.ClientNetwork;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Drain;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.PermitWait;
import dev.hangup.internal.connection.ReadAhead;
import dev.hangup.internal.connection.ReadAheadShare;
import dev.hangup.internal.connection.SocketSource;
import dev.hangup.internal.connection.WatchedContext;
import dev.hangup.internal.connection.WatchedLimit;
import dev.hangup.internal.connection.WatchedPeer;
import dev.hangup.internal.connection.WriteQueue;
import dev.hangup.outcome.Outcome;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/**
 * An HTTP/1.1 connection of Helidon's, watched.
 * <p>
 * Its thread runs the requests, one after the other. Other threads call {@link #abortReason} (whoever decides a race),
 * {@link #close}, {@link #idleTime} and {@link #canInterrupt} (Helidon's, when it stops or looks for idle
 * connections).
 */
public final class WatchedHttp1Connection implements ServerConnection, InterruptableTask<Void>, WatchedLimit.Permitted,
        PermitWait.Client, RunningRequests.Source {
    private final ServerConnection delegate;
    private final ConnectionContext raw;
    private final ConnectionContext context;
    private final ConnectionPolicy policy;
    private final ReadAhead readAhead;
    private final WatchedWriter writer;
    private final RequestFraming framing;

    /** Written before it is told of to others. */
    private Thread thread;
    /** When the current request's headers were read. Written by the connection's thread before {@link #inFlight}. */
    private long headersReadAt;
    /** Whether the current request is refused. Owned by the connection's thread. */
    private boolean refused;
    /** The last request that was watched. Written by the connection's thread, read by the one that stops the server. */
    private volatile Http1Exchange exchange;
    private volatile boolean inFlight;
    private final Drain drain;
    /** Whether an early answer is on its way, and whether its client may still be sending. Written with {@link #abortReason}. */
    private boolean lingers;
    private boolean entity;
    /** Why the connection ends with its current request; {@code null} if it does not. Written once. */
    private volatile Outcome abortReason;

    WatchedHttp1Connection(ConnectionContext raw, ServerConnectionSelector selector, ConnectionPolicy policy) {
        this.raw = raw;
        this.policy = policy;
        this.drain = new Drain(policy.drain(), policy.stopping(), this::stopWatched);
        ReadAheadShare share = policy.readAhead().share(ClientNetwork.of(raw));
        int already = raw.dataReader().available();
        this.readAhead = new ReadAhead(new SocketSource(raw.serverSocket()),
                                       already == 0 ? new byte[0] : raw.dataReader().readBytes(already),
                                       share,
                                       "[" + raw.socketId() + " " + raw.childSocketId() + "] read-ahead");
        EntityReader reader = new EntityReader(readAhead);
        this.framing = new RequestFraming(reader);
        this.writer = new WatchedWriter(raw.dataWriter(), this::broken, framing::mayContinue);
        this.context = new Http1Context(raw, reader, writer, new WatchedPeer(raw, this::exchange),
                                        it -> new Http1Routing(policy.decorate(it), framing),
                                        new WatchedContext.Takeover(raw, policy, share, () -> unused(reader)), framing);
        this.delegate = selector.connection(this.context);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        thread = Thread.currentThread();
        RunningRequests.add(this);
        try {
            delegate.handle(new WatchedLimit(limit, this::headersRead));
        } finally {
            try {
                if (lingers) {
                    readAhead.lingeringClose(policy.lingeringClose(), entity);
                } else if (abortReason == null && framing.ended()) {
                    readAhead.refuse();
                    readAhead.lingeringClose(policy.lingeringClose(), framing.unread());
                }
            } finally {
                requestOver();
                RunningRequests.remove(this);
                readAhead.close();
                if (abortReason == null || lingers) {
                    WriteQueue.flush(raw);
                }
            }
        }
    }

    @Override
    public boolean canInterrupt() {
        return delegate instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    @Override
    public Duration idleTime() {
        if (inFlight) {
            return Duration.ZERO;
        }
        drain.seenIdle();
        return delegate.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        if (interrupt) {
            stopNow();
            return;
        }
        delegate.close(false);
        drain.begin();
    }

    /** For another protocol: what was read before goes there. */
    private byte[] unused(DataReader reader) {
        return reader.available() > 0 ? reader.readBytes(reader.available()) : readAhead.get();
    }

    private Exchange exchange(ServerRequest request) {
        Http1Exchange current = exchange;
        if (current == null) {
            current = new Http1Exchange(this, headersReadAt, RequestFraming.hasEntity(request.headers()));
            exchange = current;
        }
        return current;
    }

    @Override
    public Optional<PermitWait.Client> client() {
        return policy.watch() ? Optional.of(this) : Optional.empty();
    }

    @Override
    public void running(RunningRequests.Sink sink) {
        if (inFlight) {
            sink.add(0, "peer=" + peer(), headersReadAt, thread);
        }
    }

    @Override
    public boolean ended() {
        return false;
    }

    @Override
    public void watch(Runnable departed) {
        readAhead.guard(leaving(departed));
        readAhead.watch();
    }

    @Override
    public String peer() {
        return context.remotePeer().host() + ":" + context.remotePeer().port();
    }

    @Override
    public void unwatch() {
        readAhead.unwatch();
    }

    <T extends Routing> Optional<T> routing(Class<T> type) {
        return Optional.ofNullable(context.router().routing(type, null));
    }

    private WatchedLimit.Permitted headersRead() {
        headersReadAt = System.nanoTime();
        inFlight = true;
        refused = false;
        return this;
    }

    @Override
    public void over() {
        requestOver();
        if (framing.ended()) {
            // no request may follow, not even one that was read with this one
            delegate.close(false);
        }
    }

    private void requestOver() {
        inFlight = false;
        Http1Exchange over = exchange;
        exchange = null;
        if (over != null) {
            over.over();
        }
    }

    void refuse() {
        refused = true;
    }

    @Override
    public boolean refused() {
        return refused;
    }

    void begin(Exchange.Listener listener) {
        readAhead.guard(policy.watch() ? leaving(listener::departed) : () -> { });
        drain.requestBegins();
    }

    /** What to do at the end of the stream, which is not everywhere the client's leaving. */
    private Runnable leaving(Runnable departed) {
        return () -> {
            if (!policy.tolerateHalfClose() || !readAhead.endedInOrder()) {
                departed.run();
            }
        };
    }

    void startWatching() {
        readAhead.watch();
    }

    void end() {
        unwatch();
    }

    void abort(Outcome outcome, Thread answering, boolean entity) {
        this.entity = entity;
        lingers = answering != null;
        abortReason = outcome;
        writer.onlyFor(answering);
        // no request may follow: those that were pipelined are in Helidon's hands already
        delegate.close(false);
        if (answering == null) {
            readAhead.hangUp();
        } else {
            readAhead.refuse();
        }
    }

    void answered() {
        writer.onlyFor(null);
    }

    @Override
    public Outcome abortReason() {
        return abortReason;
    }

    private void broken() {
        Http1Exchange current = exchange;
        if (current != null) {
            current.departed();
        }
    }

    private void stopNow() {
        if (!stopWatched()) {
            delegate.close(true);
        }
    }

    private boolean stopWatched() {
        Http1Exchange current = exchange;
        return current != null && current.stop();
    }
}

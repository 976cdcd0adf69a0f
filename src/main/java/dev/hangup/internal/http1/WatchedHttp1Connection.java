package dev.hangup.internal.http1;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Drain;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.ReadAhead;
import dev.hangup.internal.connection.ReadAheadShare;
import dev.hangup.internal.connection.SocketSource;
import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.connection.StallTimer;
import dev.hangup.internal.connection.TlsClose;
import dev.hangup.internal.connection.WatchedContext;
import dev.hangup.internal.connection.WatchedLimit;
import dev.hangup.internal.connection.WatchedPeer;
import dev.hangup.internal.connection.WriteQueue;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.NioSocket;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/**
 * One of Helidon's HTTP/1.1 connections, watched.
 * <p>
 * The connection's thread runs the requests, one after the other; the state of each is in its {@link Http1Exchange}. Other
 * threads abort the current request (the thread that decides the race), or call {@link #close}, {@link #idleTime} and {@link
 * #canInterrupt} (Helidon, when it stops or checks for idle connections).
 */
public final class WatchedHttp1Connection implements ServerConnection, InterruptableTask<Void>, RunningRequests.Source,
        StallTimer.Connection {
    private final ConnectionContext raw;
    private final ConnectionPolicy policy;
    private final ReadAheadShare share;
    private final ReadAhead readAhead;
    private final EntityReader reader;
    private final RequestFraming framing;
    private final Drain drain;
    // set before Helidon receives this connection, the next three
    private WatchedWriter writer;
    private WatchedPeer peer;
    private ServerConnection delegate;
    /** Written before other threads know this connection. */
    private Thread thread;

    /** The current request. Written by the connection's thread, read by any thread; {@code null} between requests. */
    private volatile Http1Exchange current;
    private volatile boolean inFlight;
    /** The cancelled request with which the connection ends; {@code null} if there is none. Written once. */
    private volatile Http1Exchange last;
    /**
     * Whether a response is written while no request is in flight: one of Helidon's own, to a malformed request or to one that has
     * got no permit. Written by the thread that writes. Not set by another protocol that has taken over the connection.
     */
    private volatile boolean refuses;
    /** Made when a response without a watch of its own is first found blocked. Owned by the timer's thread. */
    private StallLimit.Watch stall;

    private WatchedHttp1Connection(ConnectionContext raw, ConnectionPolicy policy, Http1Config config) {
        this.raw = raw;
        this.policy = policy;
        this.share = policy.readAhead().share(ClientAddress.networkOf(raw));
        this.readAhead = new ReadAhead(SocketSource.of(raw), share,
                                       "[" + raw.socketId() + " " + raw.childSocketId() + "] read-ahead");
        Http10Requests requests = new Http10Requests(readAhead, config);
        this.reader = new EntityReader(requests, readAhead, policy.tolerateHalfClose(), () -> inFlight);
        this.framing = new RequestFraming(reader, requests, policy.ending());
        this.drain = new Drain(policy);
    }

    static WatchedHttp1Connection create(ConnectionContext raw, ServerConnectionSelector selector, ConnectionPolicy policy,
                                         Http1Config config) {
        WatchedHttp1Connection created = new WatchedHttp1Connection(raw, policy, config);
        created.writer = new WatchedWriter(raw.dataWriter(), !(raw.serverSocket() instanceof NioSocket), created.new Writing());
        created.peer = new WatchedPeer(raw, created::exchange);
        created.delegate = selector.connection(new Http1Context(raw, created.reader, created.writer, created.peer, created));
        return created;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        thread = Thread.currentThread();
        CarrierGuard.connectionBegins();
        RunningRequests.add(this);
        if (policy.watch()) {
            policy.stallTimer().add(this);
        }
        try {
            delegate.handle(new WatchedLimit(limit, this::headersRead));
        } finally {
            Http1Exchange stopped = last;
            try {
                if (stopped == null && framing.ended()) {
                    readAhead.refuse();
                    readAhead.lingeringClose(policy.lingeringClose(), framing.unread());
                } else if (stopped != null && stopped.lingers()) {
                    readAhead.lingeringClose(policy.lingeringClose(), framing.hasEntity());
                }
            } finally {
                Http1Exchange over = current;
                if (over != null) {
                    over.over();
                }
                RunningRequests.remove(this);
                policy.stallTimer().remove(this);
                readAhead.close();
                if (stopped == null || stopped.lingers()) {
                    WriteQueue.flush(raw);
                }
                TlsClose.close(raw, readAhead, writer.meter());
            }
        }
    }

    @Override
    public void running(RunningRequests.Sink sink) {
        Http1Exchange request = current;
        if (request != null) {
            request.running(sink, thread);
        }
    }

    @Override
    public void lookForStall() {
        Http1Exchange request = current;
        boolean waits = (request == null ? refuses : request.isStallLimited()) && writer.meter().isBlocked();
        if (waits && stall == null) {
            stall = policy.stallTimer().limit().new Watch(writer.meter()::taken);
        }
        if (stall != null && stall.stalled(waits)) {
            readAhead.hangUp();
            // nothing reads from a client that has ended its side, so that the above does not close the socket
            writer.meter().interrupt();
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
        if (!interrupt) {
            delegate.close(false);
            drain.begin(this::stopWatched);
        } else if (!stopWatched()) {
            delegate.close(true);
        }
    }

    /** What another protocol needs to take over this connection: first of all the bytes that were read and not consumed. */
    WatchedContext.Takeover takeover() {
        return new WatchedContext.Takeover(raw, policy, share, () ->
                reader.available() > 0 ? reader.readBytes(reader.available()) : readAhead.get());
    }

    private Http1Exchange headersRead() {
        Http1Exchange begun = new Http1Exchange(this);
        current = begun;
        inFlight = true;
        return begun;
    }

    private Exchange exchange(ServerRequest request) {
        Http1Exchange known = current;
        if (known == null) {
            // a request for an upgrade needs no permit
            known = new Http1Exchange(this);
            current = known;
        }
        return known;
    }

    /** Called when the current request is over. */
    void over() {
        inFlight = false;
        current = null;
        framing.over();
        if (framing.ended()) {
            // not even a request that was read together with this one
            closeWhenIdle();
        }
    }

    /** Called when the work of a request was cancelled: the connection ends with that request. */
    void endsWith(Http1Exchange stopped) {
        last = stopped;
    }

    /** Prevents Helidon from running another request. */
    void closeWhenIdle() {
        delegate.close(false);
    }

    ConnectionPolicy policy() {
        return policy;
    }

    /**
     * Whether the client may be waiting for its response although it has ended its side. A client that has not sent its whole
     * request is not.
     */
    boolean mayStillWait() {
        return policy.tolerateHalfClose() && readAhead.endedInOrder() && !reader.lacksRest();
    }

    RequestFraming framing() {
        return framing;
    }

    ReadAhead readAhead() {
        return readAhead;
    }

    WatchedWriter writer() {
        return writer;
    }

    String peer() {
        return peer.text();
    }

    <T extends Routing> Optional<T> routing(Class<T> type) {
        return Optional.ofNullable(raw.router().routing(type, null));
    }

    /** Called when the work of a request begins. */
    void begins() {
        if (drain.isOver()) {
            stopWatched();
        }
    }

    private boolean stopWatched() {
        Http1Exchange stopped = current;
        return stopped != null && stopped.stop();
    }

    private final class Writing implements WatchedWriter.Events {
        /** Whether the bytes being written are the last of the response. Owned by the lock of the writer. */
        private boolean lastBytes;

        @Override
        public boolean isOwnThread() {
            return Thread.currentThread() == thread;
        }

        @Override
        public boolean mayContinue() {
            return framing.mayContinue();
        }

        @Override
        public BufferData writes(BufferData bytes) {
            Http1Exchange answered = current;
            boolean responds = answered != null && framing.responds();
            if (answered == null) {
                refuses = framing.responds();
            } else if (responds) {
                answered.begins();
            }
            BufferData framed = framing.framed(bytes, answered != null);
            lastBytes = responds && !framing.responds();
            if (lastBytes) {
                answered.delivers();
            }
            return framed;
        }

        @Override
        public void failed(boolean broken) {
            Http1Exchange unreachable = current;
            if (unreachable == null) {
                return;
            }
            if (lastBytes) {
                unreachable.deliveryFailed();
            }
            if (broken) {
                unreachable.departed();
            }
        }
    }
}

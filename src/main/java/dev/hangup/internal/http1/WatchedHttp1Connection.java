package dev.hangup.internal.http1;

import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.ReadAhead;
import dev.hangup.internal.connection.SocketSource;
import dev.hangup.internal.connection.TlsClose;
import dev.hangup.internal.connection.WatchedConnection;
import dev.hangup.internal.connection.WatchedContext;
import dev.hangup.internal.connection.WatchedLimit;
import dev.hangup.internal.connection.WriteQueue;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.NioSocket;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
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
public final class WatchedHttp1Connection extends WatchedConnection {
    private final EntityReader reader;
    private final RequestFraming framing;
    /** Whether Helidon's writer has a queue. */
    private final boolean queued;
    /** Set before Helidon receives this connection. */
    private WatchedWriter writer;

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
    /** Whether the connection's thread waits for the queue. Written by that thread. */
    private volatile boolean awaitsQueue;
    /** Whether what is in the queue cannot be written. Owned by the connection's thread. */
    private boolean stuck;

    /** The connection of another protocol that has taken over; {@code null} if none has. Written by the connection's thread. */
    private volatile ServerConnection successor;

    private WatchedHttp1Connection(ConnectionContext raw, ConnectionPolicy policy, Http1Config config) {
        super(raw, policy, policy.readAhead().share(ClientAddress.networkOf(raw)));
        this.queued = WriteQueue.exists(raw);
        this.readAhead = new ReadAhead(SocketSource.of(raw), share, name + "read-ahead");
        Http10Requests requests = new Http10Requests(readAhead, config);
        this.reader = new EntityReader(requests, readAhead, policy.tolerateHalfClose(), () -> inFlight);
        this.framing = new RequestFraming(reader, requests, () -> policy.ending().getAsBoolean() || drain.begun());
    }

    static WatchedHttp1Connection create(ConnectionContext raw, ServerConnectionSelector selector, ConnectionPolicy policy,
                                         Http1Config config) {
        WatchedHttp1Connection created = new WatchedHttp1Connection(raw, policy, config);
        created.writer = new WatchedWriter(raw.dataWriter(), created.queued, !(raw.serverSocket() instanceof NioSocket),
                                           created.new Writing());
        created.delegate = selector.connection(
                new Http1Context(raw, created.reader, created.writer, created.peer, policy, created));
        return created;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            begins();
            delegate.handle(new WatchedLimit(limit, this::headersRead));
        } finally {
            Http1Exchange stopped = last;
            try {
                if (stopped == null && (framing.ended() || drain.begun())) {
                    readAhead.refuse();
                    readAhead.lingeringClose(policy.lingeringClose(), framing.isIncomplete());
                } else if (stopped != null && stopped.lingers()) {
                    readAhead.lingeringClose(policy.lingeringClose(), framing.hasEntity());
                }
            } finally {
                Http1Exchange over = current;
                if (over != null) {
                    over.over();
                }
                ends();
                readAhead.close();
                if (!stuck && (stopped == null || stopped.lingers())) {
                    WriteQueue.flush(raw);
                }
                TlsClose.close(raw, readAhead, writer.meter, !framing.unfinished());
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
        boolean limited = awaitsQueue || (request == null ? refuses : request.isStallLimited());
        endStall(writer.meter, limited && writer.meter.isBlocked());
    }

    /**
     * Helidon 4.5.0 interrupts each connection that was upgraded, whatever is in flight on it ({@code
     * Http1Connection.canInterrupt}).
     */
    @Override
    public boolean canInterrupt() {
        return successor instanceof InterruptableTask<?> task ? task.canInterrupt() : super.canInterrupt();
    }

    @Override
    protected boolean inFlight() {
        return inFlight;
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

    void switchedTo(ServerConnection successor) {
        this.successor = successor;
        framing.switched();
    }

    /**
     * Returns the state that another protocol needs to take over this connection, such as the bytes that were read and not
     * consumed.
     */
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

    /**
     * Waits until the socket has the whole response, if the writer has a queue. The next request, or a server that stops, may end
     * the connection, and what is in the queue would be lost. The stall limit applies.
     */
    void awaitQueue() {
        if (!queued || stuck) {
            return;
        }
        awaitsQueue = true;
        try {
            writer.flush();
        } catch (RuntimeException e) {
            stuck = true;
            closeWhenIdle();
        } finally {
            awaitsQueue = false;
        }
    }

    @Override
    protected Http1Exchange exchange(ServerRequest request) {
        Http1Exchange known = current;
        if (known == null) {
            // a request for an upgrade takes no permit here
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
            // no other request may run, not even one that was read together with this one
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

    private boolean stopWatched() {
        Http1Exchange stopped = current;
        return stopped != null && stopped.stop();
    }

    private final class Writing implements WatchedWriter.Events {
        /** Whether the bytes being written belong to a response. Owned by the lock of the writer. */
        private boolean responds;

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
            Http1Exchange exchange = current;
            responds = framing.responds();
            if (exchange == null) {
                refuses = responds;
            } else if (responds) {
                exchange.begins();
            }
            BufferData framed = framing.framed(bytes, exchange != null);
            if (exchange != null && isLast()) {
                exchange.delivers();
            }
            return framed;
        }

        @Override
        public void failed(boolean broken) {
            if (responds) {
                framing.failed();
            }
            Http1Exchange unreachable = current;
            if (unreachable == null) {
                return;
            }
            if (isLast()) {
                unreachable.deliveryFailed();
            }
            if (broken) {
                unreachable.departed();
            }
        }

        /** Whether the bytes being written are the last of a response. */
        private boolean isLast() {
            return responds && !framing.responds();
        }
    }
}

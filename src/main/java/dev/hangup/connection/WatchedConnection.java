package dev.hangup.connection;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.outcome.Outcome;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/**
 * An HTTP/1.1 connection of Helidon's, watched.
 * <p>
 * Its thread runs the requests, one after the other. Other threads call {@link #lost} (whoever decides a race),
 * {@link #close}, {@link #idleTime} and {@link #canInterrupt} (Helidon's, when it stops or looks for idle
 * connections).
 */
final class WatchedConnection implements ServerConnection, InterruptableTask<Void> {
    private static final Duration QUEUE_CLOSES_IN = Duration.ofSeconds(1);

    private final ServerConnection delegate;
    private final ConnectionContext context;
    private final ConnectionPolicy policy;
    private final ReadAhead readAhead;
    private final WatchedWriter writer;

    /** When the current request's headers were read. Owned by the connection's thread. */
    private long headersReadAt;
    /** The last request that was watched. Written by the connection's thread, read by the one that stops the server. */
    private volatile Http1Watch watch;
    private volatile boolean inFlight;
    /** When requests in flight are to be stopped; of meaning once {@link #stopping} is set. */
    private long stopAt;
    private volatile boolean stopping;
    /** Whether an early answer is on its way, and whether its client may still be sending. Written with {@link #lost}. */
    private boolean lingers;
    private boolean entity;
    /** Why the connection ends with its current request; {@code null} if it does not. Written once. */
    private volatile Outcome lost;
    /** The thread that last found this connection idle; see {@link #close}. */
    private volatile Thread idleSeenBy;

    WatchedConnection(ConnectionContext context, ServerConnectionSelector selector, ConnectionPolicy policy) {
        this.policy = policy;
        int already = context.dataReader().available();
        this.readAhead = new ReadAhead(new SocketSource(context.serverSocket()),
                                       already == 0 ? new byte[0] : context.dataReader().readBytes(already),
                                       policy.readAhead(),
                                       "[" + context.socketId() + " " + context.childSocketId() + "] read-ahead");
        this.writer = new WatchedWriter(context.dataWriter(), this::broken);
        this.context = new WatchedContext(context, DataReader.create(readAhead), writer,
                                          new WatchedPeer(context, this), policy);
        this.delegate = selector.connection(this.context);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            delegate.handle(new WatchedLimit(limit, this));
        } finally {
            try {
                if (lingers) {
                    readAhead.linger(policy.linger(), entity);
                }
            } finally {
                requestOver();
                readAhead.close();
                if (lost != null && context.listenerContext().config().writeQueueLength() > 1) {
                    // Helidon now closes its queueing writer, which waits for room in the queue: for ever, if it is
                    // full and nobody takes from it any more
                    Alarm.in(QUEUE_CLOSES_IN, Thread.currentThread()::interrupt);
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
        idleSeenBy = Thread.currentThread();
        return delegate.idleTime();
    }

    /**
     * Helidon closes gently ({@code interrupt} false) when the server stops, then waits for its grace period; and it
     * closes so when the connection was idle, from the thread that has just asked for {@link #idleTime()}. Only the
     * first ends a request in flight, after the time that requests are given to drain. A request that has begun since
     * the idle timer looked is none of its business.
     */
    @Override
    public void close(boolean interrupt) {
        if (interrupt) {
            stopNow();
            return;
        }
        delegate.close(false);
        if (Thread.currentThread() != idleSeenBy && !stopping) {
            stopAt = System.nanoTime() + policy.drain().toNanos();
            stopping = true;
            // a request that begins from now on finds that by itself
            if (watch != null) {
                stopLater();
            }
        }
    }

    Watch watch(ServerRequest request) {
        Http1Watch current = watch;
        if (current == null) {
            current = new Http1Watch(this, headersReadAt, mayHaveEntity(request.headers()));
            watch = current;
        }
        return current;
    }

    <T extends Routing> Optional<T> routing(Class<T> type) {
        return Optional.ofNullable(context.router().routing(type, null));
    }

    void headersRead() {
        headersReadAt = System.nanoTime();
        inFlight = true;
    }

    void requestOver() {
        inFlight = false;
        Http1Watch over = watch;
        watch = null;
        if (over != null) {
            over.over();
        }
    }

    void begin(Watch.Signals signals) {
        readAhead.guard(policy.watch() ? signals::departed : () -> { });
        if (stopping) {
            stopLater();
        }
    }

    void attend() {
        readAhead.watch();
    }

    void end() {
        readAhead.unwatch();
    }

    void lost(Outcome outcome, Thread answering, boolean entity) {
        this.entity = entity;
        lingers = answering != null;
        lost = outcome;
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

    Outcome lost() {
        return lost;
    }

    private void broken() {
        Http1Watch current = watch;
        if (current != null) {
            current.departed();
        }
    }

    private void stopLater() {
        Alarm.in(Duration.ofNanos(Math.max(0, stopAt - System.nanoTime())), this::stopWatched);
    }

    private void stopNow() {
        if (!stopWatched()) {
            delegate.close(true);
        }
    }

    private static boolean mayHaveEntity(ServerRequestHeaders headers) {
        return headers.contains(HeaderNames.TRANSFER_ENCODING)
                || headers.contains(HeaderNames.CONTENT_LENGTH) && !headers.contains(HeaderValues.CONTENT_LENGTH_ZERO);
    }

    private boolean stopWatched() {
        Http1Watch current = watch;
        return current != null && current.stop();
    }
}

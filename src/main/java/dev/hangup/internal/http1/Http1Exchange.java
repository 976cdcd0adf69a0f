package dev.hangup.internal.http1;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.LongSupplier;

import dev.hangup.internal.connection.WatchedExchange;
import dev.hangup.outcome.Outcome;

/** One request of an HTTP/1.1 connection. The end of the stream is the client's departure; an abort ends the connection. */
final class Http1Exchange extends WatchedExchange {
    private static final AtomicIntegerFieldUpdater<Http1Exchange> READERS =
            AtomicIntegerFieldUpdater.newUpdater(Http1Exchange.class, "readers");

    private final WatchedHttp1Connection connection;
    /** The number of threads that read the body. A thread counts itself before it checks that the request is not settled. */
    private volatile int readers;
    /**
     * Whether the work has ended without passing on the request, which has a body. Set by the request's thread before it checks
     * that there are no readers, so that a thread that goes on reading is found.
     */
    private volatile boolean settled;
    /** A response is under way to the client. Written by the thread that decides, before it aborts. */
    private boolean lingers;

    Http1Exchange(WatchedHttp1Connection connection) {
        this.connection = connection;
    }

    /** After {@link #abort}: whether a response is under way to the client. */
    boolean lingers() {
        return lingers;
    }

    @Override
    protected WatchedHttp1Connection connection() {
        return connection;
    }

    @Override
    public void over() {
        super.over();
        endRest();
        if (begun() && (abortReason() == null || lingers)) {
            connection.awaitQueue();
        }
        connection.over();
    }

    /**
     * Helidon returns the permit in this way if the request ends with an exception. It then responds by itself, with the status of
     * the exception, even if a response has begun: 4.5.0 checks this only on the way to error handlers ({@code
     * Http1Connection.handle}, {@code ErrorHandlers.unhandledError}). The client would take those bytes for the rest of that
     * response, or for the next one.
     * <p>
     * A client that has its whole response, but does not send the rest of its body, shows nothing of the server's capacity.
     */
    @Override
    protected void dropped() {
        if (begun()) {
            connection.writer().onlyFor(null);
        }
        if (abortReason() == null && isDelivered() && isRestMissing()) {
            ignorePermit();
        }
        super.dropped();
    }

    private boolean isRestMissing() {
        return hasRest() && (connection.framing().bodyFailed() || connection.readAhead().hasEnded());
    }

    @Override
    public LongSupplier meter() {
        return connection.writer().meter::taken;
    }

    @Override
    public boolean waitsForClient() {
        return connection.writer().meter.isBlocked();
    }

    @Override
    public boolean endsConnection() {
        return true;
    }

    @Override
    public void watch(Runnable departed) {
        connection.readAhead().guard(() -> ended(departed));
        connection.readAhead().watch();
    }

    @Override
    public void unwatch() {
        connection.readAhead().unwatch();
    }

    @Override
    public void begin(Listener listener) {
        super.begin(listener);
        if (settled) {
            settled = false;
        }
        connection.readAhead().guard(noticesDepartures() ? () -> ended(this::departed) : () -> { });
        stopIfOver();
    }

    /** Called at the end of the stream, which is a departure unless the client may still wait for its response. */
    private void ended(Runnable departed) {
        if (!connection.mayStillWait()) {
            departed.run();
        }
    }

    @Override
    public void startWatching() {
        connection.readAhead().watch();
    }

    @Override
    public void end() {
        super.end();
        endIfRead(connection.readAhead().unwatch());
    }

    @Override
    protected void settled() {
        if (connection.framing().hasEntity()) {
            settled = true;
            endIfRead(false);
        }
    }

    /** Ends the connection with this request if a thread that the work has left behind is reading. */
    private void endIfRead(boolean awaited) {
        if ((awaited || readers > 0) && abortReason() == null) {
            restExpired();
        }
    }

    @Override
    public boolean mayRead(Thread responding) {
        READERS.incrementAndGet(this);
        if (!settled || Thread.currentThread() == responding) {
            return true;
        }
        READERS.decrementAndGet(this);
        return false;
    }

    @Override
    public void hasRead() {
        READERS.decrementAndGet(this);
    }

    @Override
    public boolean leaveBehind(Thread responding) {
        connection.framing().cutOff();
        connection.closeWhenIdle();
        connection.writer().onlyFor(responding);
        return begun() && !isDelivered();
    }

    @Override
    protected boolean hasRest() {
        return connection.framing().unread();
    }

    /** Only a wait for the reader can be ended; a read of the socket cannot. */
    @Override
    protected void awaitRest() {
        connection.readAhead().guard(() -> { });
    }

    @Override
    protected void restAwaited() {
        unwatch();
    }

    @Override
    protected void restExpired() {
        connection.framing().cutOff();
        connection.closeWhenIdle();
        connection.readAhead().refuse();
    }

    @Override
    public void abort(Outcome outcome, Thread responding) {
        // work that has completed its response may go on
        lingers = responding != null || isDelivered() && !connection.writer().meter.isWriting();
        super.abort(outcome, responding);
        connection.endsWith(this);
        connection.writer().onlyFor(responding);
        // no request may follow: Helidon already holds the pipelined ones
        connection.closeWhenIdle();
        if (lingers) {
            connection.readAhead().refuse();
        } else {
            connection.readAhead().hangUp();
        }
    }

    @Override
    public boolean writeUnlessBegun(byte[] response) {
        return connection.writer().writeUnless(this::begun, response);
    }

    @Override
    public void responded() {
        connection.writer().onlyFor(null);
    }
}

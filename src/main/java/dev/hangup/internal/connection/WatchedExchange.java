package dev.hangup.internal.connection;

import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.outcome.Outcome;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.Routing;

/**
 * The state of one request on a watched connection, common to all protocols: the listener for its client's departure, the reason
 * of its abort, and its concurrency permit, which it returns according to the request's outcome, as described in {@link
 * WatchedLimit}.
 */
public abstract class WatchedExchange implements Exchange, PermitWait.Client {
    private static final AtomicReferenceFieldUpdater<WatchedExchange, Runnable> WHEN_OVER =
            AtomicReferenceFieldUpdater.newUpdater(WatchedExchange.class, Runnable.class, "whenOver");

    private final long headersReadAt = System.nanoTime();
    /** Set by {@link #whenOver}, taken by the thread that ends the request. */
    private volatile Runnable whenOver;
    /**
     * Notified of the client's departure and of the server's shutdown. Set and cleared by the race's thread, read by any thread.
     */
    private volatile Listener listener;
    /** The reason of the abort; {@code null} if there was none. Written once, by the thread that decides the race. */
    private volatile Outcome abortReason;
    /** Whether a part of the response was written to the connection. Written by the thread that writes it. */
    private volatile boolean begun;
    /** Whether the socket has the whole response. Written by the thread that writes to the socket. */
    private volatile boolean delivered;
    /**
     * Whether the stall limit applies to what is written, whichever thread writes it. Written by the thread that runs the races,
     * and by the one that decides a race.
     */
    private volatile boolean stallLimited;
    /** The guard of the body; {@code null} before the first race. Written by the thread that runs the races. */
    private volatile ReadGuard bodyGuard;
    /**
     * The permit granted by the limit. Owned by the thread on which Helidon runs the request, as are the fields down to {@code
     * restTimeout}.
     */
    private Limit.Token permit;
    /** Whether the limit ignores the permit. May also be written by the thread that decides a race, which that thread waits for. */
    private boolean permitIgnored;
    private Object attachment;
    /** The timeout of the wait for the rest of the body; {@code null} if there is none. */
    private RestTimeout restTimeout;

    // every protocol has to implement these two
    @Override
    public abstract void startWatching();

    @Override
    public abstract void responded();

    /** The connection that carries the request. */
    protected abstract WatchedConnection connection();

    /** Called on the request's thread when the work has ended, unless it has passed the request on to another handler. */
    protected void settled() {
    }

    /** Returns whether Helidon may wait for a part of the request's body. May be called on any thread. */
    protected abstract boolean hasRest();

    /** Called on the request's thread before it waits for the rest of the body: its reads must be able to fail. */
    protected void awaitRest() {
    }

    /** Called on the request's thread when the wait is over, unless the time has elapsed. */
    protected void restAwaited() {
    }

    /**
     * Called on the timer's thread once the time for the rest of the body has elapsed: reads of it fail from now on. May be called
     * a second time meanwhile, on the request's thread when the wait is over. Must not block.
     */
    protected abstract void restExpired();

    /** Called on the request's thread when Helidon no longer waits for the rest of the body. */
    protected final void endRest() {
        RestTimeout ended = restTimeout;
        restTimeout = null;
        if (ended == null) {
            return;
        }
        if (ended.end()) {
            restAwaited();
        } else {
            // the timer's thread may not have called it yet
            restExpired();
        }
    }

    /** Called on the request's thread when the server has finished the request; may be called more than once. */
    public void over() {
        Runnable action = WHEN_OVER.getAndSet(this, null);
        if (action != null) {
            action.run();
        }
        // the connection may keep a reference to this exchange for longer
        attachment = null;
    }

    /**
     * Notifies the race, if one is running, that its client can no longer be reached. A client that may have the whole response
     * has not left: it is done.
     */
    public void departed() {
        Listener notified = listener;
        if (notified != null && !delivered) {
            notified.departed();
        }
    }

    /** Called before the first bytes of the response are written to the connection. */
    public final void begins() {
        begun = true;
    }

    @Override
    public final boolean begun() {
        return begun;
    }

    /**
     * Called before the last bytes of the response are written to the socket: a client may close the connection as soon as it has
     * them, which may be noticed before the write returns.
     */
    public final void delivers() {
        delivered = true;
    }

    /** Called when the last bytes of the response could not be written. To be followed by {@link #departed}. */
    public final void deliveryFailed() {
        delivered = false;
    }

    @Override
    public final boolean isDelivered() {
        return delivered;
    }

    /** Notifies the race that the server's time for requests in flight is over. Returns whether one is running. */
    public final boolean stop() {
        Listener notified = listener;
        if (notified != null) {
            notified.stopping();
        }
        return notified != null;
    }

    /** Called when a listener is set: stops a race that begins after the end of the server's time for requests in flight. */
    protected final void stopIfOver() {
        if (connection().drain.isOver()) {
            stop();
        }
    }

    /** Passes this request to the sink: the thread on which Helidon runs it, then its work. */
    public final void running(RunningRequests.Sink sink, Thread thread) {
        sink.add(0, () -> "peer=" + peer(), headersReadAt, thread);
        Listener racing = listener;
        if (racing != null) {
            racing.running(sink);
        }
    }

    /** Whether no work is watched, so that the {@link StallTimer} bounds what is written. May be called on any thread. */
    public final boolean isStallLimited() {
        return stallLimited;
    }

    /** The reason of the abort; {@code null} if there was none. */
    protected final Outcome abortReason() {
        return abortReason;
    }

    /** Stores the permit of the request and returns the token that Helidon receives in its place. */
    final Limit.Token permitted(Limit.Token permit) {
        this.permit = permit;
        return new Permit(this);
    }

    /** On the thread on which Helidon runs the request: whether the request has its permit. */
    public final boolean isPermitted() {
        return permit != null;
    }

    @Override
    public final boolean guardBody(ReadGuard guard) {
        bodyGuard = guard;
        return true;
    }

    /** The body as handlers, filters and Helidon read it. To be applied before any of them asks for the body. */
    public final InputStream guarded(InputStream body) {
        return new GuardedBody(watched(body), GuardedBody.mayWait(body), () -> bodyGuard);
    }

    /** The body as it is read below the guard. */
    protected InputStream watched(InputStream body) {
        return body;
    }

    /** Called when nobody reads the body any more: what the guard refers to is forgotten. */
    protected final void bodyOver() {
        if (bodyGuard != null) {
            bodyGuard = ReadGuard.OVER;
        }
    }

    @Override
    public final boolean watched() {
        return true;
    }

    @Override
    public final boolean noticesDepartures() {
        return connection().policy.watch();
    }

    @Override
    public final String peer() {
        return connection().peer.text();
    }

    @Override
    public final <T extends Routing> Optional<T> routing(Class<T> type) {
        return Optional.ofNullable(connection().raw.router().routing(type, null));
    }

    @Override
    public final long headersReadAt() {
        return headersReadAt;
    }

    @Override
    public final void ignorePermit() {
        permitIgnored = true;
    }

    @Override
    public void begin(Listener listener) {
        // an error handler may begin another race
        endRest();
        stallLimited = false;
        this.listener = listener;
    }

    @Override
    public void end() {
        listener = null;
    }

    @Override
    public final void limitRest(Supplier<Duration> time) {
        endRest();
        stallLimited = true;
        settled();
        if (hasRest()) {
            awaitRest();
            restTimeout = new RestTimeout(time.get(), this::hasRest, this::restExpired);
        }
    }

    @Override
    public void abort(Outcome outcome, Thread responding) {
        abortReason = outcome;
        stallLimited = true;
    }

    @Override
    public final boolean whenOver(Runnable action) {
        whenOver = action;
        return true;
    }

    @Override
    public final <T> T attachment(Class<T> type, Supplier<T> first) {
        if (attachment == null) {
            attachment = first.get();
        }
        return type.cast(attachment);
    }

    /** Called when Helidon returns the permit because the request has failed. */
    protected void dropped() {
        giveBack(Limit.Token::dropped);
    }

    private void giveBack(Consumer<Limit.Token> asHelidonWould) {
        try {
            if (permitIgnored) {
                permit.ignore();
                return;
            }
            switch (abortReason) {
            case null -> asHelidonWould.accept(permit);
            case DISCONNECTED, STALLED, SHUTDOWN, CANCELLED -> permit.ignore();
            case DEADLINE_EXCEEDED -> permit.dropped();
            case COMPLETED, FAILED, REFUSED -> throw new IllegalStateException("Work that ended has not lost");
            }
        } finally {
            CarrierGuard.requestOver();
            over();
        }
    }

    /**
     * The permit that Helidon receives. Helidon 4.5.0 registers it with the request's context ({@code Http1ServerRequest.context}).
     * Application code may keep that context for longer than the request, so a returned permit refers to no request.
     */
    private static final class Permit implements Limit.Token {
        /** Owned by the thread on which Helidon runs the request. */
        private WatchedExchange request;

        private Permit(WatchedExchange request) {
            this.request = request;
        }

        @Override
        public void success() {
            request.giveBack(Limit.Token::success);
            // not if that throws: Helidon then calls dropped()
            request = null;
        }

        @Override
        public void dropped() {
            request.dropped();
            request = null;
        }

        @Override
        public void ignore() {
            request.giveBack(Limit.Token::ignore);
            request = null;
        }
    }
}

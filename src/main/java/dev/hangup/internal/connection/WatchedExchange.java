package dev.hangup.internal.connection;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.outcome.Outcome;

import io.helidon.common.concurrency.limits.Limit;

/**
 * All that is known of one request whose connection is watched, whatever its protocol: who hears of its client, why it was
 * stopped, and its concurrency permit. For Helidon it is that permit: it ends the permit by the request's outcome, as
 * {@link WatchedLimit} says.
 */
public abstract class WatchedExchange implements Exchange, PermitWait.Client, Limit.Token {
    private static final AtomicReferenceFieldUpdater<WatchedExchange, Runnable> WHEN_OVER =
            AtomicReferenceFieldUpdater.newUpdater(WatchedExchange.class, Runnable.class, "whenOver");

    private final long headersReadAt = System.nanoTime();
    /** Set by {@link #whenOver}, taken by whoever ends the request. */
    private volatile Runnable whenOver;
    /** Who hears of the client's leaving and of the server's stopping: set and cleared by the race's thread, read by any. */
    private volatile Listener listener;
    /** Why the work was stopped; {@code null} if it was not. Written once, by the thread that decides. */
    private volatile Outcome abortReason;
    /** What the limit has given. Owned by the thread that Helidon runs the request on, as the next two. */
    private Limit.Token permit;
    private boolean refused;
    private Object attachment;

    /** An exchange whose headers have just been read. */
    protected WatchedExchange() {
    }

    /**
     * Whether anybody looks for the client.
     *
     * @return {@code false} where that is switched off
     */
    protected abstract boolean watches();

    /** The server has done with the request. On the thread that runs it; may be said more than once. */
    public void over() {
        Runnable action = WHEN_OVER.getAndSet(this, null);
        if (action != null) {
            action.run();
        }
        // the connection may remember the exchange for longer
        attachment = null;
    }

    /** Notifies the race, if it is still on, that its client cannot be reached any more. */
    public void departed() {
        Listener notified = listener;
        if (notified != null) {
            notified.departed();
        }
    }

    /**
     * Notifies the race, if it is still on, that its time is over.
     *
     * @return whether there was one
     */
    public final boolean stop() {
        Listener notified = listener;
        if (notified != null) {
            notified.stopping();
        }
        return notified != null;
    }

    /** Why the work was stopped; {@code null} if it was not. */
    protected final Outcome abortReason() {
        return abortReason;
    }

    /** The request has its permit, and is to be given to Helidon in its place. */
    final Limit.Token permitted(Limit.Token permit) {
        this.permit = permit;
        return this;
    }

    @Override
    public final boolean watched() {
        return true;
    }

    @Override
    public final long headersReadAt() {
        return headersReadAt;
    }

    @Override
    public final void refuse() {
        refused = true;
    }

    @Override
    public void begin(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void end() {
        listener = null;
    }

    @Override
    public void abort(Outcome outcome, Thread answering) {
        abortReason = outcome;
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

    @Override
    public final void success() {
        giveBack(Limit.Token::success);
    }

    @Override
    public final void dropped() {
        giveBack(Limit.Token::dropped);
    }

    @Override
    public final void ignore() {
        giveBack(Limit.Token::ignore);
    }

    private void giveBack(Consumer<Limit.Token> asHelidonWould) {
        try {
            switch (abortReason) {
            case null -> {
                if (refused) {
                    permit.ignore();
                } else {
                    asHelidonWould.accept(permit);
                }
            }
            case DISCONNECTED, SHUTDOWN, CANCELLED -> permit.ignore();
            case DEADLINE_EXCEEDED -> permit.dropped();
            case COMPLETED, FAILED, REFUSED -> throw new IllegalStateException("Work that ended has not lost");
            }
        } finally {
            CarrierGuard.requestOver();
            over();
        }
    }
}

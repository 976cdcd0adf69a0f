package dev.hangup.internal.http1;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.Routing;

/** The watch of one request of an HTTP/1.1 connection. */
final class Http1Exchange implements Exchange {
    private final WatchedHttp1Connection connection;
    private final long headersReadAt;
    private final boolean entity;
    /** Set by {@link #whenOver}, taken by whoever ends the request. */
    private final AtomicReference<Runnable> whenOver = new AtomicReference<>();
    /** Who hears of failed writes and of the server's stopping: set and cleared by the race's thread, read by any. */
    private volatile Listener listener;
    /** Owned by the connection's thread. */
    private Object attachment;

    /**
     * @param entity whether the client may be sending a body
     */
    Http1Exchange(WatchedHttp1Connection connection, long headersReadAt, boolean entity) {
        this.connection = connection;
        this.headersReadAt = headersReadAt;
        this.entity = entity;
    }

    /** The request is over for the server. */
    void over() {
        Runnable action = whenOver.getAndSet(null);
        if (action != null) {
            action.run();
        }
    }

    /** Tells the race, if it is still on, that its client cannot be reached any more. */
    void departed() {
        Listener notified = listener;
        if (notified != null) {
            notified.departed();
        }
    }

    /** Tells the race, if it is still on, that its time is over; whether there was one to tell. */
    boolean stop() {
        Listener notified = listener;
        if (notified != null) {
            notified.stopping();
        }
        return notified != null;
    }

    @Override
    public boolean watched() {
        return true;
    }

    @Override
    public boolean endsConnection() {
        return true;
    }

    @Override
    public long headersReadAt() {
        return headersReadAt;
    }

    @Override
    public <T extends Routing> Optional<T> routing(Class<T> type) {
        return connection.routing(type);
    }

    @Override
    public void refuse() {
        connection.refuse();
    }

    @Override
    public void begin(Listener listener) {
        this.listener = listener;
        connection.begin(listener);
    }

    @Override
    public void startWatching() {
        connection.startWatching();
    }

    @Override
    public void end() {
        listener = null;
        connection.end();
    }

    @Override
    public void abort(Outcome outcome, Thread answering) {
        connection.abort(outcome, answering, entity);
    }

    @Override
    public void answered() {
        connection.answered();
    }

    @Override
    public boolean whenOver(Runnable action) {
        whenOver.set(action);
        return true;
    }

    @Override
    public <T> T attachment(Class<T> type, Supplier<T> first) {
        if (attachment == null) {
            attachment = first.get();
        }
        return type.cast(attachment);
    }
}

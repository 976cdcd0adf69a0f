package dev.hangup.internal.http1;

import java.util.Optional;
import java.util.function.LongSupplier;

import dev.hangup.internal.connection.WatchedExchange;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.Routing;

/** One request of an HTTP/1.1 connection. The end of the stream is the client's departure; an abort ends the connection. */
final class Http1Exchange extends WatchedExchange {
    private final WatchedHttp1Connection connection;
    /** An early response is under way. Written by the thread that decides, before it aborts. */
    private boolean lingers;

    Http1Exchange(WatchedHttp1Connection connection) {
        this.connection = connection;
    }

    /** After {@link #abort}: whether an early response is under way. */
    boolean lingers() {
        return lingers;
    }

    @Override
    public void over() {
        super.over();
        endRest();
        connection.over();
    }

    @Override
    protected boolean watches() {
        return connection.policy().watch();
    }

    @Override
    public String peer() {
        return connection.peer();
    }

    @Override
    public LongSupplier meter() {
        return connection.writer().meter()::taken;
    }

    @Override
    public boolean stalled(Throwable thrown) {
        return false;
    }

    @Override
    public boolean endsConnection() {
        return true;
    }

    @Override
    public <T extends Routing> Optional<T> routing(Class<T> type) {
        return connection.routing(type);
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
        connection.readAhead().guard(watches() ? () -> ended(this::departed) : () -> { });
        connection.begins();
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
        unwatch();
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
    public void abort(Outcome outcome, Thread answering) {
        lingers = answering != null;
        super.abort(outcome, answering);
        connection.endsWith(this);
        connection.writer().onlyFor(answering);
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
    public void answered() {
        connection.writer().onlyFor(null);
    }
}

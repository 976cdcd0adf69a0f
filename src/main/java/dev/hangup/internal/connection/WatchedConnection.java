package dev.hangup.internal.connection;

import java.time.Duration;

import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.carriers.RunningRequests;

import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;

/**
 * A watched connection of Helidon; the part that all protocols share. Helidon's own connection is the delegate. It reads,
 * writes and finds its client through Hangup, while this connection uses the raw context.
 */
public abstract class WatchedConnection implements ServerConnection, InterruptableTask<Void>, RunningRequests.Source,
        StallTimer.Connection {
    protected final ConnectionContext raw;
    protected final ConnectionPolicy policy;
    /** Charged for the bytes that were read and not yet consumed. */
    protected final ReadAheadShare share;
    protected final Drain drain;
    /** The prefix of the names of this connection's threads. */
    protected final String name;
    protected final WatchedPeer peer;
    /** Set before Helidon receives this connection, as is {@link #delegate}. */
    protected ReadAhead readAhead;
    protected ServerConnection delegate;
    /** The connection's thread. Written by it before other threads know this connection. */
    protected Thread thread;
    /** Created when the socket is first found blocked by a client that no race limits. Owned by the timer's thread. */
    private StallLimit.Watch stall;

    protected WatchedConnection(ConnectionContext raw, ConnectionPolicy policy, ReadAheadShare share) {
        this.raw = raw;
        this.policy = policy;
        this.share = share;
        this.drain = new Drain(policy);
        this.name = "[" + raw.socketId() + " " + raw.childSocketId() + "] ";
        this.peer = new WatchedPeer(raw, this::exchange);
    }

    /** Returns the exchange of a request, always the same. Called on any thread. */
    protected abstract Exchange exchange(ServerRequest request);

    /** Whether any request is in flight. */
    protected abstract boolean inFlight();

    /** On the connection's thread: called before Helidon's connection is run. */
    protected final void begins() {
        thread = Thread.currentThread();
        CarrierGuard.connectionBegins();
        RunningRequests.add(this);
        if (policy.watch()) {
            policy.stallTimer().add(this);
        }
    }

    /** On the connection's thread: called when Helidon's connection has ended. */
    protected final void ends() {
        RunningRequests.remove(this);
        policy.stallTimer().remove(this);
    }

    /**
     * On the timer's thread: breaks the connection off if its client has taken too little for too long.
     *
     * @param writes the writes to the socket
     * @param waits  whether the socket is blocked, while a response is written that no race limits
     * @return whether the connection was broken off
     */
    protected final boolean endStall(WriteMeter writes, boolean waits) {
        if (waits && stall == null) {
            stall = policy.stallTimer().limit().new Watch(writes::taken);
        }
        if (stall == null || !stall.stalled(waits)) {
            return false;
        }
        readAhead.hangUp();
        // nothing reads from a client that has ended its side, so that the above does not close the socket
        writes.interrupt();
        return true;
    }

    @Override
    public boolean canInterrupt() {
        return delegate instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    @Override
    public final Duration idleTime() {
        if (inFlight()) {
            return Duration.ZERO;
        }
        drain.seenIdle();
        return delegate.idleTime();
    }
}

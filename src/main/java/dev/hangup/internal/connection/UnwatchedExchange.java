package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.time.Timer;

import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;

/**
 * The exchange of a request whose connection Hangup does not read: that of Helidon's direct test client, of a user's selector, or
 * of a protocol unknown to Hangup. Responses and deadlines work as usual; neither a disconnect nor the end
 * of the request is noticed.
 */
public final class UnwatchedExchange implements Exchange {
    private static final System.Logger LOGGER = System.getLogger(Exchange.class.getName());
    private static final Duration OVER_AFTER = Duration.ofMinutes(1);
    private static final AtomicBoolean LOGGED = new AtomicBoolean();

    private final long createdAt = System.nanoTime();
    private final boolean endsConnection;
    final String peer;
    private final Duration overAfter;
    /** Owned by the request's thread, as are {@link #listener} and {@link #over}. The listener is the race while it runs. */
    private Object attachment;
    private Listener listener;
    /** Runs the action registered for the end; {@code null} if there is none. */
    private Future<?> over;

    /** @param overAfter how long after its last race a request without a response is taken to be over */
    UnwatchedExchange(boolean endsConnection, String peer, Duration overAfter) {
        this.endsConnection = endsConnection;
        this.peer = peer;
        this.overAfter = overAfter;
    }

    public static UnwatchedExchange of(ServerRequest request) {
        if (LOGGED.compareAndSet(false, true)) {
            LOGGER.log(System.Logger.Level.INFO, "Connection " + request.serverSocketId() + " " + request.socketId()
                    + " cannot be watched: deadlines apply, but a disconnect of its client is not noticed"
                    + " (logged once; other connections may be affected)");
        }
        return request.context().get(UnwatchedExchange.class).orElseGet(() -> {
            UnwatchedExchange created = new UnwatchedExchange(!request.prologue().protocolVersion().startsWith("2"),
                                                              WatchedPeer.text(request.remotePeer(), request.localPeer()),
                                                              OVER_AFTER);
            request.context().register(created);
            return created;
        });
    }

    @Override
    public LongSupplier meter() {
        throw new IllegalStateException("Nothing is known of what the client takes");
    }

    @Override
    public boolean endsConnection() {
        return endsConnection;
    }

    @Override
    public long headersReadAt() {
        return createdAt;
    }

    @Override
    public <T extends Routing> Optional<T> routing(Class<T> type) {
        return Optional.empty();
    }

    @Override
    public void begin(Listener listener) {
        this.listener = listener;
        whenOver(null);
        // no connection of Hangup reports this request
        RunningRequests.add(listener);
    }

    @Override
    public void end() {
        RunningRequests.remove(listener);
    }

    /** Nobody notifies Hangup of the end, so the action runs on the timer's thread, unless a race begins before. */
    @Override
    public boolean whenOver(Runnable action) {
        if (over != null) {
            over.cancel(false);
        }
        over = action == null ? null : Timer.after(overAfter, action);
        return false;
    }

    @Override
    public <T> T attachment(Class<T> type, Supplier<T> first) {
        if (attachment == null) {
            attachment = first.get();
        }
        return type.cast(attachment);
    }
}

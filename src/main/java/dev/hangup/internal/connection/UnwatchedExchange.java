package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.internal.time.ThreadStarter;
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
    private static final ThreadFactory THREADS = ThreadStarter.virtual("hangup-request-over");
    private static final AtomicBoolean LOGGED = new AtomicBoolean();

    private final long createdAt = System.nanoTime();
    private final boolean endsConnection;
    final String peer;
    private final Duration overAfter;
    private final ThreadFactory threads;
    /** Owned by the request's thread, as is {@link #listener}, which is the race while it runs. */
    private Object attachment;
    private Listener listener;
    /** The action registered for the end; {@code null} if there is none. Set by any thread. */
    private final AtomicReference<End> over = new AtomicReference<>();

    /** @param overAfter how long after its last race a request without a response is taken to be over */
    UnwatchedExchange(boolean endsConnection, String peer, Duration overAfter) {
        this(endsConnection, peer, overAfter, THREADS);
    }

    UnwatchedExchange(boolean endsConnection, String peer, Duration overAfter, ThreadFactory threads) {
        this.endsConnection = endsConnection;
        this.peer = peer;
        this.overAfter = overAfter;
        this.threads = threads;
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

    /** No connection notifies Hangup of the end, so the action runs some time later, unless a race begins before. */
    @Override
    public boolean whenOver(Runnable action) {
        End next = action == null ? null : new End(action, threads);
        End before = over.getAndSet(next);
        if (before != null) {
            before.revoke();
        }
        if (next != null) {
            next.schedule(overAfter);
        }
        return false;
    }

    @Override
    public <T> T attachment(Class<T> type, Supplier<T> first) {
        if (attachment == null) {
            attachment = first.get();
        }
        return type.cast(attachment);
    }

    /**
     * The action at the end of a request. It logs and records, and either may wait for a lock. So it runs on a thread of its own:
     * on the timer's thread it would delay the deadlines of all requests. If that thread cannot be started, the timer tries again.
     */
    private static final class End {
        private final Runnable action;
        private final ThreadStarter starter;
        /** Written by the thread that schedules the action, before it reads {@link #revoked}. */
        private volatile Future<?> timeout;
        /** Written by the thread that replaces the action. */
        private volatile boolean revoked;

        private End(Runnable action, ThreadFactory threads) {
            this.action = action;
            this.starter = new ThreadStarter(threads);
        }

        private void schedule(Duration delay) {
            timeout = Timer.after(delay, this::due);
            if (revoked) {
                timeout.cancel(false);
            }
        }

        private void revoke() {
            revoked = true;
            Future<?> set = timeout;
            if (set != null) {
                set.cancel(false);
            }
        }

        private void due() {
            starter.start(this::run, this::due);
        }

        private void run() {
            if (!revoked) {
                action.run();
            }
        }
    }
}

package dev.hangup.connection;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.hangup.outcome.Outcome;

import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;

/** The watch of one HTTP/2 stream, and what its connection knows of it. */
final class Http2Watch implements Watch, WatchedLimit.Permitted, PermitWait.Client {
    private final WatchedHttp2Connection connection;
    private final int id;
    private final boolean body;
    private final long headersReadAt = System.nanoTime();
    private final AtomicReference<Runnable> whenOver = new AtomicReference<>();
    /** Guards {@code queued}, so that nobody is told who does not wait any more. */
    private final Lock telling = new ReentrantLock();
    /** Who hears of the client's leaving while the request waits for its permit. */
    private Runnable queued;
    /** It has been counted as answered. Owned by the stream's thread. */
    private boolean ended;

    /** Who hears of the client's leaving: set and cleared by the race's thread, read by any. */
    private volatile Signals signals;
    /** The client has reset the stream, or left. Written by who reads it. */
    private volatile boolean departed;
    private volatile boolean resetByClient;
    /** Whether a part of the request's body may still come. Written by the connection's thread. */
    private volatile boolean bodyOpen;
    /** Reset by us. Written with the writer's lock. */
    private volatile boolean reset;
    /** Ends the wait for the rest of the body. Set by the stream's thread, used by who sees that it does not come. */
    private volatile Interruption dropping;
    /** Why the work was stopped; {@code null} if it was not. Written once, by who decides. */
    private volatile Outcome lost;
    /** Owned by the stream's thread, as the next two. */
    private boolean refused;
    private ServerRequest request;
    private Object shared;

    Http2Watch(WatchedHttp2Connection connection, int id, boolean body) {
        this.connection = connection;
        this.id = id;
        this.body = body;
        this.bodyOpen = body;
    }

    int id() {
        return id;
    }

    /** The client has left, or has reset the stream. */
    void departed() {
        departed = true;
        tellQueued();
        endDropping();
        Signals told = signals;
        if (told != null) {
            told.departed();
        }
    }

    /** On the stream's thread: from now on it only throws away what still comes of the body, until that ends. */
    void dropsBody() {
        dropping = new Interruption();
        if (departed) {
            endDropping();
        }
    }

    private void endDropping() {
        Interruption interruption = dropping;
        if (interruption != null) {
            interruption.whenItWaits(Http2Body.PATIENCE);
        }
    }

    /** On the stream's thread: Helidon has done with it. */
    void exited() {
        if (dropping != null) {
            dropping.returned();
        }
    }

    private void tellQueued() {
        telling.lock();
        try {
            if (queued != null) {
                queued.run();
            }
        } finally {
            telling.unlock();
        }
    }

    void resetByClient() {
        resetByClient = true;
        departed();
    }

    Http2Watch of(ServerRequest request) {
        this.request = request;
        return this;
    }

    /** Its request, if Helidon came to make one. */
    Optional<ServerRequest> request() {
        return Optional.ofNullable(request);
    }

    /** Tells the race, if there is one, that its time is over; whether there was one to tell. */
    boolean stop() {
        Signals told = signals;
        if (told != null) {
            told.stopping();
        }
        return told != null;
    }

    boolean bodyOpen() {
        return bodyOpen;
    }

    void bodyEnds() {
        bodyOpen = false;
    }

    /** Whether nobody wants what still comes of the body, or nothing may come. */
    boolean refusesBody() {
        return lost != null || !bodyOpen;
    }

    /** With the writer's lock: whether it was not reset before. */
    boolean reset() {
        boolean first = !isReset();
        reset = true;
        return first;
    }

    boolean isReset() {
        return reset || resetByClient;
    }

    /** On the stream's thread: whether this is the first time that it has come to an end. */
    boolean isFirstEnd() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    @Override
    public Outcome lost() {
        return lost;
    }

    @Override
    public boolean refused() {
        return refused;
    }

    @Override
    public void over() {
        Runnable action = whenOver.getAndSet(null);
        if (action != null) {
            action.run();
        }
    }

    @Override
    public Optional<PermitWait.Client> client() {
        return connection.watches() ? Optional.of(this) : Optional.empty();
    }

    @Override
    public void watch(Runnable departed) {
        telling.lock();
        try {
            queued = departed;
        } finally {
            telling.unlock();
        }
        connection.attend();
        if (this.departed) {
            tellQueued();
        }
    }

    @Override
    public void unwatch() {
        telling.lock();
        try {
            queued = null;
        } finally {
            telling.unlock();
        }
    }

    @Override
    public String peer() {
        return connection.peer();
    }

    @Override
    public boolean watched() {
        return true;
    }

    @Override
    public boolean endsConnection() {
        return false;
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
        refused = true;
    }

    @Override
    public void begin(Signals signals) {
        this.signals = connection.watches() ? signals : new OnlyStopping(signals);
        if (departed) {
            this.signals.departed();
        }
        connection.began();
    }

    @Override
    public void attend() {
        connection.attend();
    }

    @Override
    public void end() {
        signals = null;
    }

    @Override
    public void lost(Outcome outcome, Thread answering) {
        lost = outcome;
        if (answering == null && outcome != Outcome.DISCONNECTED) {
            connection.reset(this, Frame.CANCEL);
        }
    }

    @Override
    public void answered() {
        if (bodyOpen) {
            // the client need not send the rest (RFC 9113, 8.1)
            connection.reset(this, Frame.NO_ERROR);
        }
        if (body) {
            connection.dropBody(this, request);
        }
    }

    @Override
    public boolean whenOver(Runnable action) {
        whenOver.set(action);
        return true;
    }

    @Override
    public <T> T shared(Class<T> type, Supplier<T> first) {
        if (shared == null) {
            shared = first.get();
        }
        return type.cast(shared);
    }

    private record OnlyStopping(Signals delegate) implements Signals {
        @Override
        public void departed() {
        }

        @Override
        public void stopping() {
            delegate.stopping();
        }
    }
}

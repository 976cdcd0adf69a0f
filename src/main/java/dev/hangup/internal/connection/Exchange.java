package dev.hangup.internal.connection;

import java.util.Optional;
import java.util.function.Supplier;

import dev.hangup.outcome.Outcome;

import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;

/**
 * One request's hold on the connection that carries it.
 * <p>
 * Used in this order by the thread that runs the request's race: {@link #begin}, {@link #startWatching} if it takes longer,
 * then either {@link #end} (the work
 * won and the connection goes on) or {@link #abort} and {@link #answered} (it did not, and the connection is closed
 * when the request is over). {@link #abort} alone may be called from any thread.
 */
public interface Exchange {
    /**
     * The exchange of a request; the same one each time it is asked for.
     *
     * @param request the request
     * @return its exchange; one that never notifies where the connection cannot be watched
     */
    static Exchange of(ServerRequest request) {
        return request.remotePeer() instanceof WatchedPeer peer ? peer.exchange(request) : UnwatchedExchange.of(request);
    }

    /**
     * The client's address, which a socket that is closed does not know any more.
     *
     * @param request a request whose exchange was asked for
     * @return {@code host:port}
     */
    static String peer(ServerRequest request) {
        return request.remotePeer() instanceof WatchedPeer peer ? peer.text() : UnwatchedExchange.of(request).peer();
    }

    /**
     * Whether a departure of the client will be noticed.
     *
     * @return {@code false} where the connection is not ours to read
     */
    boolean watched();

    /**
     * Whether a request that is stopped ends its connection, as in HTTP/1.1, or only its stream.
     *
     * @return {@code false} for HTTP/2
     */
    boolean endsConnection();

    /**
     * When the last byte of the request's headers was read.
     *
     * @return {@link System#nanoTime()} of it, or of the exchange's creation where it is not known
     */
    long headersReadAt();

    /**
     * A routing of the listener that accepted the request, where the connection leads to it.
     *
     * @param type type of the routing
     * @param <T>  type of the routing
     * @return the routing, or empty
     */
    <T extends Routing> Optional<T> routing(Class<T> type);

    /**
     * The request is refused for what its client has done before. Neither its quick answer nor its status says anything of how
     * much the server can do, so its concurrency permit is not to be judged by them.
     */
    void refuse();

    /**
     * The work begins. From now on tell of the server's stopping, and of the client's leaving where it shows by itself:
     * because it happened before, or because the work reads or writes. Nobody looks for it yet.
     *
     * @param listener notified on any thread; of a departure possibly more than once
     */
    void begin(Listener listener);

    /**
     * The work takes longer than the watch delay. From now on look for the client's leaving too; what happened before is notified
     * at once.
     */
    void startWatching();

    /** The work won: notifications stop, and what was read ahead is the connection's again. */
    void end();

    /**
     * The work lost, and the connection is to end with this request. From now on nobody can read from it, and of the
     * bytes written only those of {@code answering} pass; without it the socket is
     * closed at once, unless the client has closed its side already: then it is when the work has ended. Of an HTTP/2
     * connection all this is true of the stream, which is reset instead of being closed.
     *
     * @param outcome   why; decides what becomes of the request's concurrency permit
     * @param answering the thread that still has an answer to write, {@code null} if there is none
     */
    void abort(Outcome outcome, Thread answering);

    /** After {@link #abort}, on the thread that answers: the answer, if there was one, is written. Nothing more passes. */
    void answered();

    /**
     * Run an action when the server has done with the request, whatever became of it.
     *
     * @param action run once; replaces one that was set before
     * @return {@code false} if this exchange will not know, and the action will not be run
     */
    boolean whenOver(Runnable action);

    /**
     * What the races of a request have in common: it may have several, one after the other, where a handler leaves it
     * to the next. Only for the thread that runs them.
     *
     * @param type  the type of it, always the same
     * @param first makes it for the first one that asks
     * @param <T>   the type of it
     * @return the same for as long as the request lasts
     */
    <T> T attachment(Class<T> type, Supplier<T> first);

    /** Receives the events of an exchange. Implementations must not block. */
    interface Listener {
        /** The client has left. */
        void departed();

        /** The server stops, and the time it gives to requests in flight is over. */
        void stopping();
    }
}

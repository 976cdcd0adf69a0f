package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;

/**
 * One request and its response, as the connection that carries them sees them.
 * <p>
 * The thread that runs the request's race calls {@link #begin}; then {@link #startWatching} if the work outlasts the watch delay;
 * then either {@link #end}, and {@link #limitRest} unless the request is passed on, or {@link #abort} and {@link #responded}.
 * {@link #end} is for work that won: the connection continues.
 * {@link #abort} is for work that lost: the connection is closed when the request is over. Only {@link #abort} may be called from
 * any thread.
 * <p>
 * The default methods are for a connection that Hangup does not read, or for a protocol that has no use for the method.
 */
public interface Exchange {
    /** The exchange of a request, always the same; if its connection cannot be watched, one that never reports a departure. */
    static Exchange of(ServerRequest request) {
        return request.remotePeer() instanceof WatchedPeer peer ? peer.exchange(request) : UnwatchedExchange.of(request);
    }

    /**
     * The address of a request's client, as {@code host:port}; on a Unix domain socket {@code unix:} and the path of the listener.
     * It remains available after the socket is closed, if the exchange of the request was obtained before.
     */
    static String peer(ServerRequest request) {
        return request.remotePeer() instanceof WatchedPeer peer ? peer.text() : UnwatchedExchange.of(request).peer;
    }

    /** Whether a disconnect of the client will be noticed; not if Hangup does not read from the connection. */
    default boolean watched() {
        return false;
    }

    /** Whether a disconnect is noticed at any time once the work is watched; not if watching is disabled either. */
    default boolean noticesDepartures() {
        return false;
    }

    /**
     * Whether the socket is known to have the whole response, or is about to get the last of it. From then on, no departure is
     * reported.
     */
    default boolean isDelivered() {
        return false;
    }

    /**
     * Whether the connection has the whole content of the response and will write it even if the work is cancelled. All that may be
     * left to do is to end the stream.
     */
    default boolean isComplete() {
        return isDelivered();
    }

    /**
     * A meter of how much of the response the client takes, for use by one thread. Its value never decreases, and only differences
     * have a meaning. Bytes are taken once the socket has accepted them; those of an HTTP/2 stream, once its window and that of the
     * connection have room for them. While a stream waits for its connection and not for its own window, whatever the connection
     * sends counts.
     */
    LongSupplier meter();

    /** Whether the connection waits for the client to take bytes of the response, as far as is known. */
    default boolean waitsForClient() {
        return true;
    }

    /** Whether the work threw this because the connection gave up on a client that took nothing for too long. */
    default boolean stalled(Throwable thrown) {
        return false;
    }

    /** Whether a cancelled request ends its connection, as in HTTP/1.1, and not only its stream, as in HTTP/2. */
    boolean endsConnection();

    /** The {@link System#nanoTime()} at which the headers had been read; that of this object's creation if it is not known. */
    long headersReadAt();

    /** A routing of the listener that accepted the request, if it can be found through the connection. */
    <T extends Routing> Optional<T> routing(Class<T> type);

    /** Whether a part of the response may have been written to the connection. */
    default boolean begun() {
        return true;
    }

    /**
     * Has the concurrency limit ignore the permit of the request, whatever its outcome: how the request ends is up to its client,
     * and says nothing about the capacity of the server. The request is refused because of what its client has done before, the
     * deadline that has passed is one that its client has chosen, or the rest of the body is missing behind the whole response.
     * Called by the thread that runs the races, or before {@link #abort} by the one that decides a race.
     */
    default void ignorePermit() {
    }

    /**
     * Begins the work. From now on the listener is notified of the server's shutdown, and of a disconnect that shows without
     * watching: one that happened before, or one that a read or write of the work reveals.
     *
     * @param listener notified on any thread; of a departure possibly more than once
     */
    void begin(Listener listener);

    /**
     * Starts watching for a disconnect of the client, since the work has outlasted the watch delay. The listener is notified at
     * once of one that has happened already.
     */
    default void startWatching() {
    }

    /**
     * Ends the exchange of work that won: notifications stop, and the connection uses what was read ahead. If a thread that the
     * work has left behind is reading the body, the connection ends with this request, since that thread and the one that runs
     * the races would read the same bytes.
     */
    void end();

    /**
     * Called on any thread that is about to read the body; {@link #hasRead} must follow if this method returns {@code true}. Once
     * the work has ended without passing the request on, threads that it has left behind must not read: over HTTP/1.1 the next
     * bytes belong to another request, or Helidon would take those for the rest of this body.
     *
     * @param responding the thread that runs the races, which may always read
     * @return whether the calling thread may read
     */
    default boolean mayRead(Thread responding) {
        return true;
    }

    /** Called after {@link #mayRead}, when the read has returned or thrown. */
    default void hasRead() {
    }

    /**
     * Sets the guard of the body, from the next read on, in place of the one before. Helidon fixes the filters of a body when {@code
     * content()} is called for the first time, which a filter outside of the race may have done. So the guard is looked up at each
     * read.
     *
     * @return {@code false} if the exchange does not have the body: the caller must filter the body itself
     */
    default boolean guardBody(ReadGuard guard) {
        return false;
    }

    /**
     * Ends the connection with this request if that is an HTTP/1.1 request, since a thread that the work has left behind is writing
     * to its response. From now on only bytes written by the thread {@code responding} pass. Called after {@link #end} by the
     * thread that runs the races.
     *
     * @param responding the thread that runs the races
     * @return whether a part of a response was written, so that the rest of it may never be
     */
    default boolean leaveBehind(Thread responding) {
        return false;
    }

    /**
     * Limits what follows the work, or takes its place: from now on no race bounds how long the request holds its permit and its
     * thread. Called after {@link #end}, or without a race, by the thread that runs the races.
     * <p>
     * Reading is limited by a time. Helidon reads what the work has left unread of the request's body before it responds, if the
     * handler has failed, and, over HTTP/1.1, after any other response. Once the time has elapsed, such reads fail, and the
     * connection is closed after the response; an HTTP/2 stream is reset instead, without a response. No effect if the body was
     * read to its end.
     * <p>
     * Writing is limited by the {@link StallTimer}, whichever thread writes, until the request is over or its next race begins. If
     * a response stalls, the connection is closed. An HTTP/2 stream whose window stays closed is reset; if the socket takes
     * nothing, the whole connection is closed, since this concerns all of its streams. {@link #abort} sets the same limit.
     *
     * @param time returns the time for reading, from now; called only if a part of the body may be left
     */
    default void limitRest(Supplier<Duration> time) {
    }

    /**
     * Aborts the exchange of work that lost. The connection ends with this request: no thread can read from it, and only bytes
     * written by the thread {@code responding} pass. Without such a thread the socket is closed at once, or, if no thread
     * reads from it since the client has closed its side, when the work has ended; over TLS no close_notify follows a response that
     * is cut off. For HTTP/2 all this applies to the stream, which is reset instead of being closed.
     *
     * @param outcome   the reason; determines how the request's concurrency permit is returned
     * @param responding the thread that still has a response to write, {@code null} if there is none
     */
    default void abort(Outcome outcome, Thread responding) {
    }

    /**
     * Writes a whole response in place of the work's, unless a byte of that was written. Called after {@link #abort} on the
     * responding thread, only if a cancelled request {@linkplain #endsConnection() ends its connection} and the response has not
     * {@linkplain #begun() begun} before.
     *
     * @param response the bytes of the response
     * @return whether they were written
     */
    default boolean writeUnlessBegun(byte[] response) {
        throw new IllegalStateException("The response to this request cannot be replaced");
    }

    /** Called after {@link #abort} on the responding thread, once the response, if any, is written. No further bytes pass. */
    default void responded() {
    }

    /**
     * Registers an action that runs once when the server has finished the request, whatever its outcome. Replaces the one before.
     *
     * @param action {@code null} for none
     * @return {@code false} if this exchange cannot detect the end of the request: the action then runs some time later, on another
     *         thread, whether the request is over or not, and must check whether it is still needed
     */
    boolean whenOver(Runnable action);

    /**
     * Returns an object shared by the races of a request. A request has several races, one after the other, if a handler passes
     * it on to the next. To be called only by the thread that runs the races, always with the same type.
     */
    <T> T attachment(Class<T> type, Supplier<T> first);

    /** Receives the events of an exchange, and reports the running requests of its work. Implementations must not block. */
    interface Listener extends RunningRequests.Source {
        /** The client has left before the socket had the whole response. */
        void departed();

        /** The server stops, and the time it gives to requests in flight is over. */
        void stopping();
    }
}

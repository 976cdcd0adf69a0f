package dev.hangup.sse;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;

import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.internal.time.InterruptWhileWaiting;
import dev.hangup.internal.time.Timer;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Server-sent events (WHATWG HTML, section "Server-sent events") from plain blocking code:
 * {@snippet :
 * routing.get("/prices", Hangup.cancellable(EventStream.of((request, events) -> {
 *     while (true) {
 *         events.send(Event.of(prices.next()).name("price"));
 *     }
 * })));
 * }
 * Each event is sent at once. A client that reads slowly blocks the sender once the buffers of both sockets are full or, over
 * HTTP/2, the flow-control window is used up. Two queues may hold further events: over HTTP/2, Hangup's, of about 64 KiB for each
 * connection, and with {@code write-queue-length} Helidon's. Under Hangup, a client that takes nothing for the server's {@code
 * stall-limit} loses its stream; over HTTP/2, also one that takes nothing for Helidon's {@code flow-control-timeout}. {@link
 * #of(Duration, Producer)} bounds the time that sending one event may take, on any route.
 * <p>
 * Under Hangup, the producer is interrupted when the client leaves or stalls, the deadline passes or the server stops, whether
 * it waits for its next event or for its client. The server's default deadline applies until the first event or comment: if it
 * passes before, the client gets 503. A deadline of the route bounds the whole stream: the connection is then aborted, as with any
 * response that has begun; a browser reconnects, and sends the id of the last event that it saw. Without Hangup, a disconnect
 * is noticed only when something is sent, usually by the second write.
 * <p>
 * Instances are not thread-safe. Only the thread that the producer runs on may send.
 */
public final class EventStream {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final HeaderName X_ACCEL_BUFFERING = HeaderNames.create("X-Accel-Buffering");

    private final OutputStream stream;
    private final Optional<Duration> sendTimeout;
    /**
     * Why an event was not sent; {@code null} if each was. Bytes of it may have been sent, and whatever followed them would
     * belong to that event. Owned by the thread that the producer runs on.
     */
    private Throwable failure;

    private EventStream(OutputStream stream, Optional<Duration> sendTimeout) {
        this.stream = stream;
        this.sendTimeout = sendTimeout;
    }

    /**
     * Returns a handler that responds with a stream of events, which ends when its producer returns. An exception of the
     * producer before the first event or comment is handled like that of any handler. A later exception aborts the stream.
     * <p>
     * The response is never content-encoded, since encoders buffer more than one event. Its headers forbid caches to store it,
     * and tell proxies that know {@code X-Accel-Buffering} (nginx) not to buffer it. Existing values of {@code Cache-Control}
     * and {@code X-Accel-Buffering} are kept. A HEAD request gets the headers only, and its producer is not run.
     *
     * @param producer makes the events
     * @return the handler; to make it cancellable, pass it to {@code Hangup.cancellable}, or configure its path under
     *         {@code paths}
     */
    public static Handler of(Producer producer) {
        return handler(Optional.empty(), producer);
    }

    /**
     * Returns a handler as {@link #of(Producer)} does, with a bound on the time to send an event. If an event cannot be sent in
     * time because the client does not read, {@code send} throws, and the connection is closed; over HTTP/2 the stream is reset
     * when the producer has ended.
     *
     * @param sendTimeout how long the sending of one event may take; positive, at most a day
     * @param producer    makes the events
     * @return the handler
     * @throws IllegalArgumentException if the timeout is out of range
     */
    public static Handler of(Duration sendTimeout, Producer producer) {
        if (!sendTimeout.isPositive() || sendTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("The time for sending must be positive, and at most " + LONGEST + ", but is "
                                                       + sendTimeout);
        }
        return handler(Optional.of(sendTimeout), producer);
    }

    private static Handler handler(Optional<Duration> sendTimeout, Producer producer) {
        Objects.requireNonNull(producer);
        return (request, response) -> {
            describe(response.headers());
            if (request.prologue().method() == Method.HEAD) {
                response.send();
                return;
            }
            EventStream events = new EventStream(open(response), sendTimeout);
            try {
                producer.produce(request, events);
            } catch (SlowReaderException e) {
                // not a server error: Helidon would log any other exception with its stack trace
                throw new CloseConnectionException(e.getMessage(), e);
            }
            events.ensureComplete();
            events.stream.close();
        };
    }

    /**
     * Sends an event. When this method returns, the event has been written to the socket; over HTTP/2, or with {@code
     * write-queue-length}, it may still be in the queue of the connection. If it throws, the client may have a part of the event.
     * No other event can be sent then, and the stream is aborted when the producer returns.
     *
     * @param event the event
     * @throws IOException if the request is over, the client has left or an event before this one was not sent; Helidon may throw
     *                     an unchecked exception instead
     */
    public void send(Event event) throws IOException {
        write(event.bytes());
    }

    /**
     * Sends a comment, which clients ignore. A comment begins the response before the first event, or keeps a proxy from
     * closing an idle connection. It is not needed to notice disconnects.
     *
     * @param text of any number of lines
     * @throws IOException as with {@link #send}
     */
    public void comment(String text) throws IOException {
        write(Event.comment(text));
    }

    private void write(byte[] bytes) throws IOException {
        if (failure != null) {
            throw new IOException("An event before this one was not sent", failure);
        }
        try {
            if (sendTimeout.isPresent()) {
                writeWithin(sendTimeout.get(), bytes);
            } else {
                stream.write(bytes);
                stream.flush();
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /** Ensures that the end of the response does not follow an event that was cut short, whatever the producer has caught. */
    private void ensureComplete() {
        if (failure != null) {
            throw new CloseConnectionException("An event was not sent", failure);
        }
    }

    private void writeWithin(Duration time, byte[] bytes) throws IOException {
        InterruptWhileWaiting late = new InterruptWhileWaiting();
        Future<?> timeout = Timer.after(time, late::interrupt);
        try {
            stream.write(bytes);
            stream.flush();
        } catch (IOException | RuntimeException | Error e) {
            ensureInTime(late, time, e);
            throw e;
        } finally {
            timeout.cancel(false);
        }
        ensureInTime(late, time, null);
    }

    private static void ensureInTime(InterruptWhileWaiting late, Duration time, Throwable cause) throws SlowReaderException {
        if (late.end()) {
            // the interrupt may have closed the connection, and so have cancelled the work
            OffThreadTask.restoreInterrupt();
            throw new SlowReaderException(time, cause);
        }
    }

    private static void describe(ServerResponseHeaders headers) {
        headers.set(HeaderNames.CONTENT_TYPE, "text/event-stream");
        headers.remove(HeaderNames.CONTENT_LENGTH);
        if (!headers.contains(HeaderNames.CACHE_CONTROL)) {
            headers.set(HeaderNames.CACHE_CONTROL, "no-store");
        }
        if (!headers.contains(X_ACCEL_BUFFERING)) {
            headers.set(X_ACCEL_BUFFERING, "no");
        }
    }

    private static OutputStream open(ServerResponse response) {
        // Helidon does not encode a response that already has this header; the client need not see it
        response.headers().set(HeaderNames.CONTENT_ENCODING, "identity");
        OutputStream stream = response.outputStream();
        response.headers().remove(HeaderNames.CONTENT_ENCODING);
        return stream;
    }

    private static final class SlowReaderException extends IOException {
        private static final long serialVersionUID = 1L;

        private SlowReaderException(Duration time, Throwable cause) {
            super("The client has not taken an event within " + time.toMillis() + " ms", cause);
        }
    }

    /** Makes the events of one request. */
    @FunctionalInterface
    public interface Producer {
        /**
         * Sends the events, in plain blocking code, and returns after the last one. Its thread is interrupted when the request
         * is cancelled.
         *
         * @param request the request; its {@code Last-Event-ID} header is the id of the last event that a reconnecting client
         *                saw
         * @param events  the stream to send to; unusable after this method has returned
         * @throws Exception if the producer fails
         */
        void produce(ServerRequest request, EventStream events) throws Exception;
    }
}

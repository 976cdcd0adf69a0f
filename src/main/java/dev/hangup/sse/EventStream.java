package dev.hangup.sse;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

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
 * What is sent goes out at once, each event by itself. A client that reads slowly blocks whoever sends: no more is kept for
 * it than what the buffers of both sockets take, and over HTTP/2 its flow control (a client that takes nothing for as long
 * as Helidon's {@code flow-control-timeout} ends its stream there). {@link #of(Duration, Producer)} bounds how long that may
 * take.
 * <p>
 * In a race the producer is interrupted when the client leaves, the deadline passes or the server stops, whether it
 * waits for its next event or for its client. Until the first event or comment a deadline is answered with 503; after it
 * the stream breaks off without an end, as any answer that had begun: a browser connects again, and says which event it
 * saw last. The default deadline is short for streams; give them one of their own. Without a race nobody notices a
 * client that has left until something is sent to it, and that twice.
 * <p>
 * Not for several threads at once. Only the thread that the producer runs on may send.
 */
public final class EventStream {
    private static final HeaderName X_ACCEL_BUFFERING = HeaderNames.create("X-Accel-Buffering");

    private final OutputStream stream;
    private final Optional<Duration> sendTimeout;

    private EventStream(OutputStream stream, Optional<Duration> sendTimeout) {
        this.stream = stream;
        this.sendTimeout = sendTimeout;
    }

    /**
     * A handler that answers with a stream of events: with what its producer sends until it returns. If the producer throws
     * before it has sent anything, that is an error as of any handler; after that it breaks the stream off.
     * <p>
     * The answer is never content-encoded, since encoders wait for more than an event, and is not to be stored; proxies
     * that know {@code X-Accel-Buffering} (nginx) are told to hand on what there is. What was set of {@code Cache-Control} or
     * of that header before is left as it is. A HEAD request gets the headers only, and its producer is not run.
     *
     * @param producer makes the events
     * @return the handler; to run in a race, it has to be given to {@code Hangup.cancellable}, or a path of {@code paths}
     */
    public static Handler of(Producer producer) {
        return handler(Optional.empty(), producer);
    }

    /**
     * As {@link #of(Producer)}, for clients that nobody waits for longer than so: if an event cannot be sent in time, because
     * the client does not read, its connection is closed, and {@code send} throws.
     *
     * @param sendTimeout how long the sending of one event may take; positive
     * @param producer    makes the events
     * @return the handler
     */
    public static Handler of(Duration sendTimeout, Producer producer) {
        if (!sendTimeout.isPositive()) {
            throw new IllegalArgumentException("The time for sending must be positive, but is " + sendTimeout);
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
                // not an error of the server's: Helidon would log anything else with its stack
                throw new CloseConnectionException(e.getMessage(), e);
            }
            events.stream.close();
        };
    }

    /**
     * Sends an event. It is on its way when the method returns.
     *
     * @param event the event
     * @throws IOException if the request is over or the client has left; Helidon may throw something unchecked instead
     */
    public void send(Event event) throws IOException {
        write(event.bytes());
    }

    /**
     * Sends what no client looks at: to begin the answer before there is an event, or for a proxy that would take a silent
     * connection for a dead one. Clients that leave are noticed without it.
     *
     * @param text of any number of lines
     * @throws IOException as with {@link #send}
     */
    public void comment(String text) throws IOException {
        write(Event.comment(text));
    }

    private void write(byte[] bytes) throws IOException {
        if (sendTimeout.isPresent()) {
            writeWithin(sendTimeout.get(), bytes);
        } else {
            stream.write(bytes);
            stream.flush();
        }
    }

    private void writeWithin(Duration time, byte[] bytes) throws IOException {
        SendTimeout timeout = new SendTimeout(time);
        try {
            stream.write(bytes);
            stream.flush();
        } catch (IOException | RuntimeException | Error e) {
            if (timeout.end()) {
                throw new SlowReaderException(time, e);
            }
            throw e;
        }
        if (timeout.end()) {
            throw new SlowReaderException(time, null);
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
        // Helidon encodes nothing that says it is encoded already; and it need not be said to the client
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
         * Sends events for as long as there are any. Plain blocking code; interrupted when nobody waits any more.
         *
         * @param request what was asked for; {@code Last-Event-ID} is what a client saw last that comes again
         * @param events  where to send them; not to be kept
         * @throws Exception whatever it likes
         */
        void produce(ServerRequest request, EventStream events) throws Exception;
    }
}

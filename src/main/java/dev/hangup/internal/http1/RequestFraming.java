package dev.hangup.internal.http1;

import java.util.concurrent.atomic.AtomicReference;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.ServerResponseHeaders;

/**
 * Whether another request may follow the current one on its HTTP/1.1 connection.
 * <p>
 * None may where it is not certain that the next byte begins a request (RFC 9112, 9.3): after the response to a request whose
 * body was expected ({@code Expect: 100-continue}) and neither continued nor read, since the client may send it or not; and
 * after a body that could not be read. None may after a response that says {@code Connection: close} (RFC 9112, 9.6), or to
 * a request that says so. Helidon 4.5.0 ({@code Http1Connection}) goes on in all of these cases, and runs what is in the body
 * as the next request. The response says that the connection ends wherever that is known before its headers are written.
 */
final class RequestFraming {
    private final AtomicReference<Expectation> expectation = new AtomicReference<>(Expectation.NONE);
    private final EntityReader reader;
    /** Whether the client may be sending a body with the current request. Owned by the thread that runs the requests. */
    private boolean entity;
    /** Whether the current request says that it is the last. Written by the thread that runs the requests. */
    private volatile boolean closeRequested;
    /** Whether the response to the current request says that it is the last. Written by the thread that writes it. */
    private volatile boolean closed;

    /**
     * @param reader what Helidon's connection reads from
     */
    RequestFraming(EntityReader reader) {
        this.reader = reader;
    }

    /** Whether the client may be sending a body with the current request. */
    boolean hasEntity() {
        return entity;
    }

    /** The headers of the next request have been read. */
    void requested(Headers request) {
        entity = request.contains(HeaderNames.TRANSFER_ENCODING)
                || request.contains(HeaderNames.CONTENT_LENGTH) && !request.contains(HeaderValues.CONTENT_LENGTH_ZERO);
        reader.begin(request);
        closeRequested = request.containsToken(HeaderValues.CONNECTION_CLOSE);
        expectation.set(entity && request.containsToken(HeaderValues.EXPECT_100) ? Expectation.WAITING : Expectation.NONE);
    }

    /**
     * Whether a {@code 100 Continue} may be written. After the headers of the response it is too late: it would be taken for
     * a part of that response, or for the response to another request. Helidon 4.5.0 writes it all the same ({@code
     * Http1ServerRequestWithEntity.trySend100}).
     */
    boolean mayContinue() {
        return expectation.compareAndSet(Expectation.WAITING, Expectation.CONTINUED);
    }

    /** The headers of a response are about to be written. */
    void responding(ServerResponseHeaders response) {
        if (reader.unread()) {
            // a race with mayContinue(), if a handler reads on one thread and writes on another
            expectation.compareAndSet(Expectation.WAITING, Expectation.REFUSED);
        }
        if (reader.failed() || expectation.get() == Expectation.REFUSED) {
            response.set(HeaderValues.CONNECTION_CLOSE);
        }
        closed = closeRequested || response.containsToken(HeaderValues.CONNECTION_CLOSE);
    }

    /**
     * The handlers of a request have done with it. What follows the end of encoded content is not read by anybody, and
     * Helidon 4.5.0 waits for its end, for ever ({@code Http1Connection.route}), or takes it for the next request; so the
     * connection ends with what it has.
     */
    void routed(Headers request, ServerResponseHeaders response) {
        if (reader.unread() && request.contains(HeaderNames.CONTENT_ENCODING)) {
            response.set(HeaderValues.CONNECTION_CLOSE);
            closed = true;
        }
    }

    /** Whether the current request is the last of its connection. To be asked when its response has been written. */
    boolean ended() {
        return closed || reader.failed();
    }

    /** Whether the client may still be sending the body of the current request. */
    boolean unread() {
        return reader.unread();
    }

    private enum Expectation {
        /** The client waits for nothing. */
        NONE,
        /** The client waits to be asked for the body, for as long as it likes to. */
        WAITING,
        /** The client was asked for the body. */
        CONTINUED,
        /** The client was not asked, and has a final response instead. */
        REFUSED
    }
}

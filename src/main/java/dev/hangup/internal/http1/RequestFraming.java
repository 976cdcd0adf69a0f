package dev.hangup.internal.http1;

import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BooleanSupplier;

import dev.hangup.internal.connection.RequestOverException;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.Method;
import io.helidon.http.RequestException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;

/**
 * Determines whether another request may follow the current one on its HTTP/1.1 connection.
 * <p>
 * No request may follow unless it is certain that the next byte begins a request (RFC 9112, 9.3). This is not certain after a
 * body that could not be read. Nor is it certain after the response to a request with {@code Expect: 100-continue} whose body was
 * neither requested nor read, since the client may or may not send that body. No request may follow if the request or its
 * response contains {@code Connection: close} (RFC 9112, 9.6), as each response does once the server stops, or the JVM has begun to
 * shut down, except the switch to another protocol: otherwise its client may send the next request just when the connection is
 * closed. Helidon 4.5.0 ({@code Http1Connection}) continues in all of these cases, and processes the body as the next request. The
 * response announces the end of the connection if it is known before the headers are written.
 * <p>
 * Nor may a request follow a response that is shorter or longer than its {@code Content-Length}: its client takes the first bytes
 * of the next response for the missing ones, or the excess for the next response (RFC 9112, 6.3 and 9.3). Helidon 4.5.0 checks no
 * length but that of a stream that is too long ({@code Http1ServerResponse}), and continues. Here the connection ends after such a
 * response, and the excess is not written. The content that Helidon sends in response to HEAD is not written either, but the
 * response then has the right length, so the connection continues.
 * <p>
 * Nothing at all follows a response of which some bytes could not be written, and over TLS no close_notify follows one that is
 * {@linkplain #unfinished() unfinished}.
 * <p>
 * An HTTP/1.0 request ({@link Http10Requests}) is the last one, and gets neither chunks nor trailers.
 */
final class RequestFraming {
    private static final AtomicReferenceFieldUpdater<RequestFraming, Expectation> EXPECTATION =
            AtomicReferenceFieldUpdater.newUpdater(RequestFraming.class, Expectation.class, "expectation");

    private volatile Expectation expectation = Expectation.NONE;
    private final EntityReader reader;
    private final Http10Requests requests;
    private final BooleanSupplier ending;
    /**
     * The end of the response under way. Owned by the thread that writes it, as are the fields down to {@link #switching}, and by
     * the thread that runs the requests when the request is over.
     */
    private final MessageEnd responseEnd = new MessageEnd();
    /** Whether the current request has its whole response, so that no more bytes are its own. */
    private boolean whole;
    /** Whether the bytes that were passed on last leave their response unfinished. */
    private boolean unfinished;
    /** Whether bytes of a response could not be written. */
    private boolean failed;
    /** Whether another protocol follows the response under way. */
    private boolean switching;
    /**
     * Whether the response to the current request has no content. Owned by the thread that runs the requests, as is {@link
     * #entity}.
     */
    private boolean head;
    /** Whether the client may be sending a body with the current request. */
    private boolean entity;
    /** Whether the current request announces that it is the last. Written by the thread that runs the requests. */
    private volatile boolean closeRequested;
    /** Whether the response to the current request announces that it is the last. Written by the thread that writes it. */
    private volatile boolean closed;
    /** Whether the current request is the last, whatever it has announced. Written by any thread. */
    private volatile boolean cutOff;

    /**
     * @param reader   the reader of Helidon's connection
     * @param requests the source of the reader
     * @param ending   whether the server stops, or the JVM has begun to shut down
     */
    RequestFraming(EntityReader reader, Http10Requests requests, BooleanSupplier ending) {
        this.reader = reader;
        this.requests = requests;
        this.ending = ending;
    }

    /** Whether the client may be sending a body with the current request. */
    boolean hasEntity() {
        return entity;
    }

    /** Whether the rest of the current body could not be read, or has not arrived in time. */
    boolean bodyFailed() {
        return reader.failed() || cutOff;
    }

    /** Called when the first line of the next request has been read. */
    void requested(Method method) {
        head = method == Method.HEAD;
        requests.begin();
    }

    /**
     * Called when the rest of the current body has not arrived in time, or another thread uses the connection as well: no request
     * follows.
     */
    void cutOff() {
        cutOff = true;
    }

    /** Called when the current request is over. */
    void over() {
        requests.over();
        if (failed || responseEnd.isAhead()) {
            // shorter than announced
            closed = true;
        }
        whole = false;
    }

    /** Called when the headers of the next request have been read. */
    void requested(WritableHeaders<?> request) {
        requests.headerRead();
        if (requests.isHttp10()) {
            reduce(request);
        }
        entity = request.contains(HeaderNames.TRANSFER_ENCODING)
                || request.contains(HeaderNames.CONTENT_LENGTH) && !request.contains(HeaderValues.CONTENT_LENGTH_ZERO);
        reader.begin(request);
        closeRequested = closes(request);
        expectation = entity && request.containsToken(HeaderValues.EXPECT_100) ? Expectation.WAITING : Expectation.NONE;
    }

    /**
     * Removes the header fields that an HTTP/1.0 request may not have (RFC 9110, 7.8 and 10.1.1; RFC 9112, 6.1). One with a {@code
     * Transfer-Encoding} is refused, since a proxy on its way may have ignored that field.
     */
    private static void reduce(WritableHeaders<?> request) {
        if (request.contains(HeaderNames.TRANSFER_ENCODING)) {
            throw RequestException.builder()
                    .type(DirectHandler.EventType.BAD_REQUEST)
                    .setKeepAlive(false)
                    .message("Transfer-Encoding in HTTP/1.0")
                    .build();
        }
        request.remove(HeaderNames.UPGRADE);
        request.remove(HeaderNames.EXPECT);
        request.remove(HeaderNames.TE);
        request.set(HeaderValues.CONNECTION_CLOSE);
    }

    /**
     * Whether a {@code 100 Continue} may be written. After the headers of the response it must not be written: the client would
     * mistake it for a part of that response, or for the response to another request. Helidon 4.5.0 writes it nevertheless
     * ({@code Http1ServerRequestWithEntity.trySend100}).
     */
    boolean mayContinue() {
        return EXPECTATION.compareAndSet(this, Expectation.WAITING, Expectation.NONE);
    }

    /** Called when the status of a response is known, before its headers. */
    void responding(Status status) {
        switching = status.code() == Status.SWITCHING_PROTOCOLS_101.code();
        if (switching) {
            switched();
        }
    }

    /** Called when the connection switches to another protocol, which may use Helidon's limit for its own messages. */
    void switched() {
        requests.switched();
    }

    /** Called when the headers of a response are about to be written. */
    void responding(ServerResponseHeaders response) {
        if (reader.unread()) {
            // settles the race with mayContinue(), if a handler reads on one thread and writes on another
            EXPECTATION.compareAndSet(this, Expectation.WAITING, Expectation.REFUSED);
        }
        if (switching) {
            // the connection goes on as that of the other protocol; clients refuse a switch that announces its end (RFC 6455, 4.1)
            closed = false;
        } else {
            if (reader.failed() || cutOff || expectation == Expectation.REFUSED || ending.getAsBoolean()) {
                response.set(HeaderValues.CONNECTION_CLOSE);
            }
            closed = closeRequested || closes(response);
        }
        if (whole) {
            // a second response does not count
            return;
        }
        boolean chunked = !head && response.contains(HeaderNames.TRANSFER_ENCODING)
                && response.containsToken(HeaderValues.TRANSFER_ENCODING_CHUNKED);
        responseEnd.begin(chunked ? MessageEnd.CHUNKED : head ? 0 : length(response));
        if (requests.isHttp10()) {
            if (chunked) {
                responseEnd.unchunk();
            }
            response.remove(HeaderNames.TRANSFER_ENCODING);
            response.remove(HeaderNames.TRAILER);
        }
    }

    /** Makes the cheap checks first: Helidon 4.5.0 creates a stream even for an absent field and for a single token. */
    private static boolean closes(Headers message) {
        return message.contains(HeaderNames.CONNECTION) && !message.contains(HeaderValues.CONNECTION_KEEP_ALIVE)
                && message.containsToken(HeaderValues.CONNECTION_CLOSE);
    }

    private static long length(Headers response) {
        long length = EntityReader.length(response);
        // not a number, which Helidon does not check; so the end is unknown
        return length < 0 ? Long.MAX_VALUE : length;
    }

    /** Whether bytes that are written now belong to a response. */
    boolean responds() {
        return responseEnd.isAhead();
    }

    /**
     * Called before bytes are written: returns the form in which the client receives them. Bytes after the end of the response
     * under way are left out, and end the connection.
     *
     * @param inFlight whether a request is in flight; if not, its end is not the end of all that is written for it
     * @throws UncheckedIOException if bytes of a response could not be written before: a queue would take these, and their client
     *                              would not notice what is missing
     */
    BufferData framed(BufferData bytes, boolean inFlight) {
        if (failed) {
            throw new UncheckedIOException(new RequestOverException("A part of the response could not be written", null));
        }
        boolean ends = responseEnd.isIn(bytes) && !switching && inFlight;
        int excess = ends ? responseEnd.excess() : whole ? bytes.available() : 0;
        whole |= ends;
        unfinished = responseEnd.isAhead();
        if (excess > 0 && !head) {
            closed = true;
        }
        if (responseEnd.unchunked() != null) {
            return responseEnd.unchunked();
        }
        if (excess == 0) {
            return bytes;
        }
        byte[] kept = new byte[bytes.available() - excess];
        bytes.read(kept);
        return BufferData.create(kept);
    }

    /** Called when bytes of a response could not be written. From now on none are. */
    void failed() {
        failed = true;
    }

    /** Whether a response has begun and not ended. To be called when nothing is written any more: it is then cut off. */
    boolean unfinished() {
        return unfinished || failed;
    }

    /**
     * Called when the handlers of a request have returned. If none of them has asked for an encoded body, no code reads what
     * follows the end of its content. Helidon 4.5.0 waits for its end for ever ({@code Http1Connection.route}), or treats it as
     * the next request. So the connection ends if such bytes may follow.
     */
    void routed(Headers request, ServerResponseHeaders response) {
        if (reader.unread() && !reader.begun() && request.contains(HeaderNames.CONTENT_ENCODING)) {
            response.set(HeaderValues.CONNECTION_CLOSE);
            closed = true;
        }
    }

    /** Whether the current request is the last of its connection. To be called when its response has been written. */
    boolean ended() {
        return closed || cutOff || reader.failed();
    }

    /** Whether the client may still be sending the current request: its header, or its body. */
    boolean isIncomplete() {
        return requests.amidHeader() || reader.unread();
    }

    /** Whether the client may still be sending the body of the current request. */
    boolean unread() {
        return reader.unread();
    }

    private enum Expectation {
        /** The client expects no {@code 100 Continue}, or was sent it. */
        NONE,
        /** The client waits for {@code 100 Continue}, as long as it wishes. */
        WAITING,
        /** The client received a final response instead. */
        REFUSED
    }
}

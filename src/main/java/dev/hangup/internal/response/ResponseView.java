package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Predicate;
import java.util.function.Supplier;

import dev.hangup.internal.connection.RequestOverException;

import io.helidon.common.GenericType;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.spi.Sink;

/**
 * The response as the work sees it.
 * <p>
 * The real response belongs to the responding thread until the work acquires it. So calls of the work are recorded in a {@link
 * PendingResponse}, and its first bytes in a {@link ViewStream}. When the first byte must be sent, {@link #acquire} claims the
 * response. If the {@link ResponseOwnership} grants it, the recorded calls are replayed to the real response, and this view
 * delegates from then on. If the decision came first, the view is detached: calls that send a part of the entity throw from then
 * on, and other calls have no effect.
 * <p>
 * All fields are owned by the work's thread while it runs, and by the race's thread after it has ended.
 */
public final class ResponseView extends RecordingResponse {
    /**
     * Helidon has no buffer in HTTP/2. It holds the first write until the second write or the end, to send a length if the entity
     * is complete.
     */
    private static final int HTTP2_BUFFER_LIMIT = 1;

    final ResponseOwnership ownership;
    private final RoutingResponse real;
    /** The number of bytes that do not fit in Helidon's buffer: one more than those that do. */
    private final int bufferSize;
    /** The stream through which the response is written, if any. */
    private ViewStream stream;

    public ResponseView(ServerRequest request, RoutingResponse real, ResponseOwnership ownership) {
        super(request, real);
        this.ownership = ownership;
        this.real = real;
        this.bufferSize = request.listenerContext().config().writeBufferSize();
    }

    /** Acquires the response for the work, unless the work owns it already. Returns whether the work may write. */
    boolean acquire() {
        if (ownership.acquire()) {
            bind();
            return true;
        }
        return attached();
    }

    /**
     * Called when the work has returned. Commits what the work has not committed, unless the work leaves the response to another
     * handler.
     */
    public void complete() {
        if (!isNexted() && !shouldReroute()) {
            commit();
        }
    }

    /**
     * Called when the work has ended by itself, so that no decision can come any more: replays what was recorded to the real
     * response. From now on this view delegates, for listeners that still hold it when another handler responds. But only the
     * calling thread can send the entity or a part of it.
     *
     * @return whether a thread that the work has left behind is sending a part of the entity
     */
    public boolean release() {
        boolean leftBehind = ownership.release();
        if (!bound()) {
            bind();
        }
        try {
            openStream();
        } catch (RuntimeException e) {
            // the work has thrown an exception itself, or leaves the response to another handler, which gets this exception too
        }
        delegateRouting();
        return leftBehind;
    }

    /**
     * Called when the stream of an acquired response is closed. If chunked, the response ends with the commit; with a length, the
     * last byte may have been sent already.
     */
    void streamCloses() {
        if (real.headers().contains(HeaderNames.CONTENT_LENGTH)) {
            ownership.finish();
        }
    }

    @Override
    public boolean attached() {
        return ownership.attached();
    }

    /** Whether the work had begun its response when it lost, so that nobody completes the response. */
    public boolean aborted() {
        return ownership.phase() == ResponseOwnership.Phase.ABORTED;
    }

    @Override
    boolean streams() {
        return stream != null;
    }

    /** Whether the given stream is still the one through which the response is written. */
    boolean streamsTo(ViewStream stream) {
        return this.stream == stream;
    }

    /** The real stream of an acquired response. */
    OutputStream realStream() {
        try {
            return entering(real::outputStream);
        } finally {
            bindRest();
        }
    }

    @Override
    public Status status() {
        return switch (ownership.phase()) {
            case OPEN -> pendingStatus() == null ? real.status() : pendingStatus();
            case REVOKED -> ownership.status();
            case COMMITTED, FINISHING, ABORTED -> real.status();
        };
    }

    @Override
    public void send(byte[] bytes) {
        send(bytes, 0, bytes.length);
    }

    @Override
    public void send(byte[] bytes, int position, int length) {
        sendWhole(() -> real.send(bytes, position, length));
    }

    /**
     * Sends a text through the real response if possible: the work acquires the response before the media writer sets the headers,
     * so that they need not be recorded. Writers that may compute, wait or fail get this view.
     */
    @Override
    public void send(Object entity) {
        ensureNotLeftBehind();
        if (entity instanceof String && writesTextsAtOnce()) {
            sendWhole(() -> real.send(entity));
        } else {
            super.send(entity);
        }
    }

    /** Whether the writer of a text takes no time and cannot fail: it is Helidon's own, and no charset was chosen. */
    private boolean writesTextsAtOnce() {
        return isUntouched() && !real.headers().contains(HeaderNames.CONTENT_TYPE) && HelidonMedia.writesTexts(mediaContext());
    }

    /** Refuses a thread left behind before a media writer sets headers, which the next handler may be using. */
    private void ensureNotLeftBehind() {
        if (!ownership.enters()) {
            throw leftBehind();
        }
        ownership.leaves();
    }

    private void sendWhole(Runnable send) {
        // a send after the stream was requested is an error, which the real response must throw
        openStream();
        ownership.finish();
        ensureAcquired();
        passing(() -> {
            try {
                send.run();
            } finally {
                if (!real.isSent()) {
                    // an entity that the status forbids, which Helidon does not send, or one that could not be encoded
                    ownership.reopen();
                }
            }
        });
    }

    /**
     * Helidon runs the {@code beforeSend} listeners and applies encoders and stream filters when the stream is requested. Here
     * they run when the first byte must be sent: listeners from outside the race belong to the real response, and cannot run
     * before it is acquired.
     */
    @Override
    public OutputStream outputStream() {
        if (delegates() && stream == null) {
            return new ViewStream(this, entering(real::outputStream), false);
        }
        if (stream != null && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        recordStream();
        stream = http1
                ? new ViewStream(this, bufferSize, !headers().contains(HeaderNames.CONTENT_LENGTH))
                : new ViewStream(this, HTTP2_BUFFER_LIMIT, true);
        return stream;
    }

    @Override
    public void streamResult(String result) {
        openStream();
        if (delegates()) {
            // closes the stream, which writes the rest of it
            passing(() -> super.streamResult(result));
        } else {
            super.streamResult(result);
        }
    }

    @Override
    public <X extends Sink<?>> X sink(GenericType<X> sinkType) {
        ensureAcquired();
        // a sink holds the real response; one that knows the writer of the connection is refused there
        return writing(() -> {
            real.streamFilter(sink -> new ViewStream(this, sink, true));
            // may write the head of the response
            return real.sink(sinkType);
        });
    }

    @Override
    public long bytesWritten() {
        return bound() ? real.bytesWritten() : 0;
    }

    @Override
    public boolean isSent() {
        return !attached() || bound() && real.isSent();
    }

    @Override
    public boolean hasEntity() {
        return !attached() || stream != null || bound() && real.hasEntity();
    }

    @Override
    public boolean reset() {
        return forgetStream(RoutingResponse::reset, headers()::clear);
    }

    @Override
    public boolean resetStream() {
        // on the way to an error handler: no client is left to receive the error. Helidon logs the exception, to the context that
        // the routing was given, and leaves the routing
        return attached() && forgetStream(RoutingResponse::resetStream, () -> { });
    }

    @Override
    public void commit() {
        if (stream != null) {
            ownership.finish();
            openStream();
        }
        if (delegates()) {
            passing(this::commitReal);
        }
    }

    /** Commits the real response, with the mark of a write. */
    void commitReal() {
        if (real.hasEntity()) {
            // through a stream filter or a sink, Helidon sends the last bytes only now
            ownership.finish();
        }
        real.commit();
    }

    private void passing(Runnable write) {
        writing(() -> {
            write.run();
            return null;
        });
    }

    private <T> T writing(Supplier<T> write) {
        if (!ownership.writes()) {
            throw leftBehind();
        }
        try {
            return write.get();
        } finally {
            ownership.wrote();
        }
    }

    /** Returns the result of a call that begins or discards the entity of the real response, but writes nothing. */
    private <T> T entering(Supplier<T> call) {
        if (!ownership.enters()) {
            throw leftBehind();
        }
        try {
            return call.get();
        } finally {
            ownership.leaves();
        }
    }

    private static RuntimeException leftBehind() {
        return new ServerConnectionException("Nothing was sent", new RequestOverException());
    }

    private void ensureAcquired() {
        if (!acquire()) {
            throw new ServerConnectionException("Nothing was sent", over(null));
        }
    }

    /**
     * Creates the exception for work that writes although it has lost; its cause is the failure of the write, if one was attempted.
     */
    RequestOverException over(Throwable cause) {
        return new RequestOverException("The request is over: " + ownership.status().text(), cause);
    }

    private void openStream() {
        if (stream != null && attached()) {
            try {
                stream.open();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private boolean forgetStream(Predicate<RoutingResponse> ofReal, Runnable also) {
        if (delegates() && !entering(() -> ofReal.test(real))) {
            return false;
        }
        if (!bound()) {
            also.run();
            if (stream != null) {
                pending().streamDiscarded(this::contentEncode);
            }
        }
        stream = null;
        ownership.reopen();
        return true;
    }
}

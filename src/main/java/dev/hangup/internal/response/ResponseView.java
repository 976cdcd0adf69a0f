package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Predicate;

import io.helidon.common.GenericType;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.spi.Sink;

/**
 * The response as the work sees it.
 * <p>
 * The real response belongs to the thread that answers, until the work has won the right to write. So everything that
 * the work says of its answer is kept, in a {@link PendingResponse} and the first bytes of a {@link ViewStream}. With the first
 * byte that has to go out, {@link #acquire} claims the response; if the {@link ResponseOwnership} is granted, all that was kept
 * is said to the real one, and this view hands on. If the decision came first, the view is detached: from then on calls reach
 * nobody, and those that could go on for ever (writing to a stream) throw.
 * <p>
 * All fields are owned by the work's thread while it runs, and by the race's thread after it has ended.
 */
public final class ResponseView extends RecordingResponse {
    /** In HTTP/2 Helidon has no buffer, but waits for a second write or the end, since a whole answer has a length. */
    private static final int HTTP2_HOLDS_THE_FIRST_WRITE = 1;

    private final ResponseOwnership ownership;
    private final RoutingResponse real;
    /** How many bytes would not fit in Helidon's buffer. */
    private final int bufferSize;
    /** The stream that the answer goes through, if it goes through one. */
    private ViewStream stream;

    /**
     * @param ownership settles whether the work may write
     */
    public ResponseView(ServerRequest request, RoutingResponse real, ResponseOwnership ownership) {
        super(request, real);
        this.ownership = ownership;
        this.real = real;
        this.bufferSize = request.listenerContext().config().writeBufferSize();
    }

    /**
     * Takes the response for the work, or finds that it has it already.
     *
     * @return whether the work may write
     */
    boolean acquire() {
        if (ownership.acquire()) {
            bind();
            return true;
        }
        return attached();
    }

    /** The work has returned. What it has not finished is its whole answer, unless it leaves the rest to others. */
    public void complete() {
        if (!isNexted() && !shouldReroute()) {
            commit();
        }
    }

    /**
     * The work has ended by itself, and no decision can come any more: what it left to be said is the real response's.
     * The view hands on from now on, to those who still hold it: listeners that run when others answer.
     */
    public void release() {
        if (!bound()) {
            bind();
        }
        try {
            openStream();
        } catch (RuntimeException e) {
            // the work has thrown something itself, or leaves the answer to others, who get to see this as well
        }
        delegateRouting();
    }

    /** Of a response that was taken. In chunks, the end comes with the commit; with a length, it may be out. */
    void streamCloses() {
        if (real.headers().contains(HeaderNames.CONTENT_LENGTH)) {
            ownership.finish();
        }
    }

    @Override
    public boolean attached() {
        return ownership.attached();
    }

    @Override
    boolean streams() {
        return stream != null;
    }

    /** Whether this is still the stream that the answer goes through. */
    boolean streamsTo(ViewStream stream) {
        return this.stream == stream;
    }

    /** The real stream, of a response that was taken. */
    OutputStream realStream() {
        try {
            return real.outputStream();
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
        // a stream that was asked for makes this an error: the real response's to throw
        openStream();
        ownership.finish();
        if (acquire()) {
            real.send(bytes, position, length);
            if (!real.isSent()) {
                // an entity that its status forbids, which Helidon does not send
                ownership.reopen();
            }
        }
    }

    /**
     * Helidon runs the {@code beforeSend} listeners, and asks encoders and filters for their streams, when the stream
     * is asked for. Here they wait for the first byte that has to go out: those from outside of the race belong to the
     * real response, and can't be run before it is taken.
     */
    @Override
    public OutputStream outputStream() {
        if (delegates() && stream == null) {
            return new ViewStream(this, real.outputStream());
        }
        if (stream != null && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        pending().streamRequested();
        stream = http1()
                ? new ViewStream(this, bufferSize, !headers().contains(HeaderNames.CONTENT_LENGTH))
                : new ViewStream(this, HTTP2_HOLDS_THE_FIRST_WRITE, true);
        return stream;
    }

    @Override
    public void streamResult(String result) {
        openStream();
        super.streamResult(result);
    }

    @Override
    public <X extends Sink<?>> X sink(GenericType<X> sinkType) {
        if (!acquire()) {
            throw new CloseConnectionException("The request is over");
        }
        // a sink gets hold of the real response and of the connection's writer; the latter drops what a loser writes
        return real.sink(sinkType);
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
        if (!attached()) {
            // on the way to an error handler: there is nobody left to tell of the error, and nothing to log
            throw new CloseConnectionException("The request is over");
        }
        return forgetStream(RoutingResponse::resetStream, () -> { });
    }

    @Override
    public void commit() {
        if (stream != null) {
            ownership.finish();
            openStream();
        }
        if (delegates()) {
            real.commit();
        }
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
        if (delegates() && !ofReal.test(real)) {
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

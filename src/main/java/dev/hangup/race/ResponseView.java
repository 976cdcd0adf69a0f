package dev.hangup.race;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;
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
 * the work says of its answer is kept, in a {@link Draft} and the first bytes of a {@link ViewStream}. With the first
 * byte that has to go out, {@link #take} tries to take the response; if it is granted, all that was kept is said to
 * the real one, and this view hands on. If the decision came first, the view is detached: from then on calls reach
 * nobody, and those that could go on for ever (writing to a stream) throw.
 * <p>
 * All fields but {@code phase}, {@code verdict} and {@code finishing} are owned by the work's thread while it runs,
 * and by the race's thread after it has ended.
 */
final class ResponseView extends DraftedResponse {
    /** Who may write. It moves down; only a whole answer may turn out to be none, and be given again. */
    private enum Phase {
        /** Not a byte is out: the work and the decision race for the answer. */
        OPEN,
        /** The work won: the answer is its. */
        COMMITTED,
        /** And it has given its whole answer, of which the last byte is being written, or out. */
        FINISHING,
        /** The decision won: the thread that answers has the response to itself. */
        DETACHED,
        /** The work had begun to answer when the decision came: the rest is not sent. */
        ABORTED
    }

    /** In HTTP/2 Helidon has no buffer, but waits for a second write or the end, since a whole answer has a length. */
    private static final int HTTP2_HOLDS_THE_FIRST_WRITE = 1;

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);
    /** What a view that was cut off says the status is; written before the phase. */
    private volatile Status verdict;

    /** The work has given its whole answer. Written by the work's thread. */
    private volatile boolean finishing;

    private final RoutingResponse real;
    /** How many bytes would not fit in Helidon's buffer. */
    private final int bufferSize;
    /** The stream that the answer goes through, if it goes through one. */
    private ViewStream stream;

    ResponseView(ServerRequest request, RoutingResponse real) {
        super(request, real);
        this.real = real;
        this.bufferSize = request.listenerContext().config().writeBufferSize();
    }

    /**
     * The decision went against the work. Called once, before the work is interrupted, by whoever decided.
     *
     * @param verdict the status to show from now on
     * @return whether the answer is still to be given; if not, the work had begun to give its own
     */
    boolean detach(Status verdict) {
        this.verdict = verdict;
        if (cutOff(verdict)) {
            return phase.get() == Phase.DETACHED;
        }
        phase.set(Phase.ABORTED);
        return false;
    }

    /**
     * As {@link #detach}, but not if the work has given its whole answer: in the instant between that and the end of
     * the work its client would be left with neither that answer nor another.
     *
     * @return whether the work's calls count no more
     */
    boolean cutOff(Status verdict) {
        this.verdict = verdict;
        // settles the race between the decision and the work's first byte, and that with its last
        return phase.compareAndSet(Phase.OPEN, Phase.DETACHED) || phase.compareAndSet(Phase.COMMITTED, Phase.ABORTED)
                || !attached();
    }

    /**
     * The work has ended: what it has said counts, and cannot be cut off any more, if it was not before.
     *
     * @return whether it was not
     */
    boolean outrun() {
        finish();
        // settles the race between the work's end and the decision, where the work has left the answer to others
        return phase.compareAndSet(Phase.OPEN, Phase.FINISHING) || attached();
    }

    /**
     * Takes the response for the work, or finds that it has it already.
     *
     * @return whether the work may write
     */
    boolean take() {
        // settles the race between the work's first byte and the decision
        if (phase.compareAndSet(Phase.OPEN, finishing ? Phase.FINISHING : Phase.COMMITTED)) {
            bind();
            return true;
        }
        return attached();
    }

    /** The work has returned. What it has not finished is its whole answer, unless it leaves the rest to others. */
    void complete() {
        if (!isNexted() && !shouldReroute()) {
            commit();
        }
    }

    /**
     * The work has ended by itself, and no decision can come any more: what it left to be said is the real response's.
     * The view hands on from now on, to those who still hold it: listeners that run when others answer.
     */
    void release() {
        if (!bound()) {
            bind();
        }
        try {
            openStream();
        } catch (RuntimeException e) {
            // the work has thrown something itself, or leaves the answer to others, who get to see this as well
        }
        handOver();
    }

    /** The work has no more to say. */
    void finish() {
        finishing = true;
        phase.compareAndSet(Phase.COMMITTED, Phase.FINISHING);
    }

    private void unfinish() {
        finishing = false;
        phase.compareAndSet(Phase.FINISHING, Phase.COMMITTED);
    }

    /**
     * Whether the last byte of the work's answer may be out. A client that has all it wanted may well leave, and has
     * not left before the work's end then.
     */
    boolean finishing() {
        return phase.get() == Phase.FINISHING;
    }

    /** Of a response that was taken. In chunks, the end comes with the commit; with a length, it may be out. */
    void streamCloses() {
        if (real.headers().contains(HeaderNames.CONTENT_LENGTH)) {
            finish();
        }
    }

    @Override
    boolean attached() {
        Phase now = phase.get();
        return now == Phase.OPEN || now == Phase.COMMITTED || now == Phase.FINISHING;
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
        return switch (phase.get()) {
            case OPEN -> draftedStatus() == null ? real.status() : draftedStatus();
            case DETACHED -> verdict;
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
        finish();
        if (take()) {
            real.send(bytes, position, length);
            if (!real.isSent()) {
                // an entity that its status forbids, which Helidon does not send
                unfinish();
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
        if (handsOn() && stream == null) {
            return new ViewStream(this, real.outputStream());
        }
        if (stream != null && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        draft().streamAskedFor();
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
        if (!take()) {
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
            finish();
            openStream();
        }
        if (handsOn()) {
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
        if (handsOn() && !ofReal.test(real)) {
            return false;
        }
        if (!bound()) {
            also.run();
            if (stream != null) {
                draft().streamForgotten(this::contentEncode);
            }
        }
        stream = null;
        unfinish();
        phase.compareAndSet(Phase.FINISHING, Phase.COMMITTED);
        return true;
    }
}

package dev.hangup.race;

import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import io.helidon.common.GenericType;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.ServerResponseTrailers;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.ServerResponseBase;
import io.helidon.webserver.http.spi.Sink;

/**
 * The response as the work sees it.
 * <p>
 * The real response belongs to the thread that answers, until the work has won the right to write. So everything that
 * the work says of its answer is kept here: status, headers, listeners, filters, trailers and the first bytes of a
 * stream. With the first byte that has to go out, {@link #commit} tries to take the response; if it is granted, all
 * that was kept is bound to the real one, and this view hands on. If the decision came first, the view is detached:
 * from then on calls reach nobody, and those that could go on for ever (writing to a stream) throw.
 * <p>
 * All fields but {@code phase}, {@code verdict} and {@code finishing} are owned by the work's thread while it runs, and by the race's
 * thread after it has ended.
 */
final class ResponseView extends ServerResponseBase<ResponseView> {
    /** Who may write. It only moves down, and each step is taken once. */
    private enum Phase {
        /** Not a byte is out: the work and the decision race for the answer. */
        OPEN,
        /** The work won: the answer is its. */
        COMMITTED,
        /** The decision won: the thread that answers has the response to itself. */
        DETACHED,
        /** The work had begun to answer when the decision came: the rest is not sent. */
        ABORTED
    }

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);
    /** What a detached view says the status is; written before the phase. */
    private volatile Status verdict;

    /** The work has given its whole answer, of which the last byte is being written. Written by the work's thread. */
    private volatile boolean finishing;

    private final RoutingResponse real;
    private final ServerRequest request;
    private final int holdsBytes;
    private final ServerResponseHeaders headers;
    private Status status;
    private ViewStream stream;
    private boolean lengthBeforeStream;
    private UnaryOperator<OutputStream> streamFilter;
    private boolean listensBeforeSend;
    private boolean listensWhenSent;
    private ServerResponseTrailers trailers;
    private String streamResult;
    private Consumer<RoutingResponse> rerouting;
    /** All that was kept is in the real response. */
    private boolean bound;
    /** The work's own listeners are running: the headers kept here count, not the real ones. */
    private boolean listening;

    ResponseView(ServerRequest request, RoutingResponse real) {
        super(new RequestConnection(request), request);
        this.real = real;
        this.request = request;
        this.holdsBytes = request.listenerContext().config().writeBufferSize();
        this.headers = ServerResponseHeaders.create(real.headers());
    }

    /**
     * The decision went against the work. Called once, before the work is interrupted, by whoever decided.
     *
     * @param verdict the status to show from now on
     * @return whether the answer is still to be given; if not, the work had begun to give its own
     */
    boolean detach(Status verdict) {
        this.verdict = verdict;
        // settles the race between the decision and the work's first byte
        if (phase.compareAndSet(Phase.OPEN, Phase.DETACHED)) {
            return true;
        }
        phase.set(Phase.ABORTED);
        return false;
    }

    /** The work has ended by itself: what it left to be said is the real response's now, and the view says no more. */
    void release() {
        // no decision can come any more; a thread that the work left behind could still try to write
        if (phase.compareAndSet(Phase.OPEN, Phase.DETACHED)) {
            bind();
            if (isNextedByWork()) {
                real.next();
            } else if (rerouting != null) {
                rerouting.accept(real);
            }
        } else {
            phase.set(Phase.ABORTED);
        }
    }

    /**
     * Whether the last byte of the work's answer may be out. A client that has all it wanted may well leave, and has
     * not left before the work's end then.
     */
    boolean finishing() {
        return finishing;
    }

    /** Whether the work's calls still count. */
    boolean attached() {
        Phase now = phase.get();
        return now == Phase.OPEN || now == Phase.COMMITTED;
    }

    /**
     * Takes the response for the work, or finds that it has it already.
     *
     * @return whether the work may write
     */
    boolean take() {
        // settles the race between the work's first byte and the decision
        if (phase.compareAndSet(Phase.OPEN, Phase.COMMITTED)) {
            bind();
            return true;
        }
        return phase.get() == Phase.COMMITTED;
    }

    /** The work has no more to say. */
    void finish() {
        finishing = true;
    }

    /** The real stream, of a response that was taken. */
    OutputStream realStream() {
        if (!lengthBeforeStream) {
            // as without Hangup: how a body is framed is settled when the stream is asked for
            real.headers().remove(HeaderNames.CONTENT_LENGTH);
        }
        return real.outputStream();
    }

    @Override
    public ResponseView status(Status status) {
        if (isSent() && attached()) {
            throw new IllegalStateException("Response already sent");
        }
        this.status = status;
        if (bound && attached()) {
            real.status(status);
        }
        return this;
    }

    @Override
    public Status status() {
        return switch (phase.get()) {
            case DETACHED -> verdict == null ? real.status() : verdict;
            case OPEN -> status == null ? real.status() : status;
            case COMMITTED, ABORTED -> real.status();
        };
    }

    @Override
    public ResponseView header(Header header) {
        if (listening) {
            headers.set(header);
            return this;
        }
        if (bound && attached()) {
            real.header(header);
            return this;
        }
        if (stream != null) {
            throw new IllegalStateException("Cannot set response header after requesting output stream.");
        }
        headers.set(header);
        return this;
    }

    @Override
    public ServerResponseHeaders headers() {
        return bound && attached() && !listening ? real.headers() : headers;
    }

    @Override
    public ServerResponseTrailers trailers() {
        if (!request.headers().contains(HeaderValues.TE_TRAILERS) && !headers().contains(HeaderNames.TRAILER)) {
            // the real response says why not
            return real.trailers();
        }
        if (trailers == null) {
            trailers = ServerResponseTrailers.create();
        }
        return trailers;
    }

    @Override
    public ServerResponse beforeSend(Runnable listener) {
        if (bound && !listensBeforeSend) {
            real.beforeSend(listener);
            return this;
        }
        listensBeforeSend = true;
        return super.beforeSend(listener);
    }

    @Override
    public ResponseView whenSent(Runnable listener) {
        if (bound && !listensWhenSent) {
            real.whenSent(listener);
            return this;
        }
        listensWhenSent = true;
        return super.whenSent(listener);
    }

    @Override
    public void streamFilter(UnaryOperator<OutputStream> filterFunction) {
        Objects.requireNonNull(filterFunction);
        if (bound) {
            if (attached()) {
                real.streamFilter(filterFunction);
            }
            return;
        }
        if (stream != null) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        UnaryOperator<OutputStream> before = streamFilter;
        streamFilter = before == null ? filterFunction : it -> filterFunction.apply(before.apply(it));
    }

    @Override
    public void streamResult(String result) {
        if (bound) {
            if (attached()) {
                real.streamResult(result);
            }
            return;
        }
        streamResult = result;
        if (stream != null) {
            stream.close();
        }
    }

    @Override
    public void send(byte[] bytes) {
        send(bytes, 0, bytes.length);
    }

    @Override
    public void send(byte[] bytes, int position, int length) {
        if (stream != null && attached()) {
            throw new IllegalStateException("When output stream is used, response is completed by closing the output"
                                                    + " stream, do not call send().");
        }
        finish();
        if (take()) {
            real.send(bytes, position, length);
        }
    }

    @Override
    public OutputStream outputStream() {
        if (bound && attached() && stream == null) {
            return new ViewStream(this, real.outputStream());
        }
        if (stream != null && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        lengthBeforeStream = headers.contains(HeaderNames.CONTENT_LENGTH);
        stream = new ViewStream(this, holdsBytes);
        return stream;
    }

    @Override
    public <X extends Sink<?>> X sink(GenericType<X> sinkType) {
        if (!take()) {
            throw new CloseConnectionException("The request is over");
        }
        return real.sink(sinkType);
    }

    @Override
    public long bytesWritten() {
        return bound ? real.bytesWritten() : 0;
    }

    @Override
    public boolean isSent() {
        return !attached() || bound && real.isSent();
    }

    @Override
    public boolean hasEntity() {
        return !attached() || stream != null || bound && real.hasEntity();
    }

    @Override
    public boolean isNexted() {
        return attached() && isNextedByWork();
    }

    @Override
    public boolean shouldReroute() {
        return attached() && super.shouldReroute();
    }

    @Override
    public ResponseView reroute(String newPath) {
        rerouting = response -> response.reroute(newPath);
        return super.reroute(newPath);
    }

    @Override
    public ResponseView reroute(String path, UriQuery query) {
        rerouting = response -> response.reroute(path, query);
        return super.reroute(path, query);
    }

    @Override
    public void resetRouting() {
        rerouting = null;
        super.resetRouting();
    }

    @Override
    public boolean reset() {
        return forgetStream(RoutingResponse::reset, headers::clear);
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
        finish();
        if (stream != null && attached()) {
            stream.open();
        }
        if (bound && attached()) {
            real.commit();
        }
    }

    private boolean isNextedByWork() {
        return super.isNexted();
    }

    private boolean forgetStream(Predicate<RoutingResponse> ofReal, Runnable also) {
        if (bound && attached() && !ofReal.test(real)) {
            return false;
        }
        if (!bound) {
            also.run();
        }
        stream = null;
        return true;
    }

    private void bind() {
        bound = true;
        replace(real.headers(), headers);
        if (status != null) {
            real.status(status);
        }
        if (streamFilter != null) {
            real.streamFilter(streamFilter);
        }
        if (streamResult != null) {
            real.streamResult(streamResult);
        }
        if (listensBeforeSend) {
            real.beforeSend(this::runBeforeSend);
        }
        if (listensWhenSent) {
            real.whenSent(this::afterSend);
        }
        if (trailers != null || beforeTrailers() != null) {
            real.beforeTrailers(this::fillTrailers);
        }
    }

    /** The work's listeners may hold the headers that they were given: they get to change those, after all others. */
    private void runBeforeSend() {
        replace(headers, real.headers());
        listening = true;
        try {
            beforeSend();
        } finally {
            listening = false;
            replace(real.headers(), headers);
        }
    }

    private void fillTrailers(ServerResponseTrailers realTrailers) {
        if (trailers != null) {
            ServerResponseTrailers later = ServerResponseTrailers.create(realTrailers);
            realTrailers.clear();
            realTrailers.from(trailers);
            realTrailers.from(later);
        }
        if (beforeTrailers() != null) {
            beforeTrailers().accept(realTrailers);
        }
    }

    private static void replace(ServerResponseHeaders target, ServerResponseHeaders source) {
        target.clear();
        target.from(source);
    }
}

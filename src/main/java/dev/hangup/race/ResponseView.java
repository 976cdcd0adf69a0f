package dev.hangup.race;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
 * the work says of its answer is kept, in a {@link Draft} and the first bytes of a {@link ViewStream}. With the first
 * byte that has to go out, {@link #take} tries to take the response; if it is granted, all that was kept is said to
 * the real one, and this view hands on. If the decision came first, the view is detached: from then on calls reach
 * nobody, and those that could go on for ever (writing to a stream) throw.
 * <p>
 * All fields but {@code phase}, {@code verdict} and {@code finishing} are owned by the work's thread while it runs,
 * and by the race's thread after it has ended.
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
    /** What a view that was cut off says the status is; written before the phase. */
    private volatile Status verdict;

    /** The work has given its whole answer, of which the last byte is being written. Written by the work's thread. */
    private volatile boolean finishing;

    private final RoutingResponse real;
    private final ServerRequest request;
    private final boolean http1;
    private final ViewHeaders.Leading headers;
    private final Draft draft;
    private ViewHeaders.Trailing trailers;
    private ViewStream stream;
    private Consumer<RoutingResponse> rerouting;
    /** All that was kept is in the real response. */
    private boolean bound;

    ResponseView(ServerRequest request, RoutingResponse real) {
        super(new RequestConnection(request), request);
        this.real = real;
        this.request = request;
        this.http1 = request.prologue().protocolVersion().startsWith("1");
        ServerResponseHeaders kept = ServerResponseHeaders.create(real.headers());
        this.headers = new ViewHeaders.Leading(this::attached, kept);
        this.draft = new Draft(kept);
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
        take();
        if (stream != null) {
            try {
                stream.open();
            } catch (IOException | RuntimeException e) {
                // the work has thrown something itself, or leaves the answer to others, who get to see this as well
            }
        }
        if (super.isNexted()) {
            real.next();
        } else if (rerouting != null) {
            rerouting.accept(real);
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

    /** Whether this is still the stream that the answer goes through. */
    boolean streamsTo(ViewStream stream) {
        return this.stream == stream;
    }

    /** The real stream, of a response that was taken. */
    OutputStream realStream() {
        try {
            return real.outputStream();
        } finally {
            draft.sayRestTo(real);
            bindTrailers();
        }
    }

    @Override
    public ResponseView status(Status status) {
        if (bound && attached()) {
            real.status(status);
        } else if (attached()) {
            keepWithoutEntity(status);
            draft.status(status);
        }
        return this;
    }

    @Override
    public Status status() {
        return switch (phase.get()) {
            case OPEN -> draft.status() == null ? real.status() : draft.status();
            case DETACHED -> verdict;
            case COMMITTED, ABORTED -> real.status();
        };
    }

    @Override
    public ResponseView header(Header header) {
        if (bound && attached()) {
            real.header(header);
        } else if (stream != null && attached()) {
            throw new IllegalStateException("Cannot set response header after requesting output stream.");
        } else {
            headers.set(header);
        }
        return this;
    }

    @Override
    public ServerResponseHeaders headers() {
        return headers;
    }

    @Override
    public ServerResponseTrailers trailers() {
        if (!hasTrailers()) {
            throw new IllegalStateException("Trailers are supported only when request came with 'TE: trailers' header or "
                    + "response headers have trailer names definition 'Trailer: <trailer-name>'");
        }
        if (trailers == null) {
            trailers = new ViewHeaders.Trailing(this::attached);
            if (bound && attached()) {
                trailers.bind(real.trailers());
            }
        }
        return trailers;
    }

    @Override
    public ResponseView beforeTrailers(Consumer<ServerResponseTrailers> listener) {
        say(response -> response.beforeTrailers(listener));
        return this;
    }

    @Override
    public ServerResponse beforeSend(Runnable listener) {
        if (bound) {
            say(response -> response.beforeSend(listener));
        } else {
            draft.beforeSend(listener);
        }
        return this;
    }

    @Override
    public ResponseView whenSent(Runnable listener) {
        say(response -> response.whenSent(listener));
        return this;
    }

    @Override
    public void streamFilter(UnaryOperator<OutputStream> filter) {
        Objects.requireNonNull(filter);
        if (stream != null && !bound && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        if (bound) {
            say(response -> response.streamFilter(filter));
        } else {
            draft.streamFilter(filter);
        }
    }

    @Override
    public void streamResult(String result) {
        openStream();
        say(response -> response.streamResult(result));
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
        }
    }

    /**
     * Helidon runs the {@code beforeSend} listeners, and asks encoders and filters for their streams, when the stream
     * is asked for. Here they wait for the first byte that has to go out: those from outside of the race belong to the
     * real response, and can't be run before it is taken.
     */
    @Override
    public OutputStream outputStream() {
        if (bound && attached() && stream == null) {
            return new ViewStream(this, real.outputStream());
        }
        if (stream != null && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        }
        draft.streamAskedFor();
        stream = new ViewStream(this, request.listenerContext().config().writeBufferSize());
        return stream;
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
        return attached() && super.isNexted();
    }

    @Override
    public boolean shouldReroute() {
        return attached() && super.shouldReroute();
    }

    @Override
    public ResponseView reroute(String newPath) {
        super.reroute(newPath);
        reroutingToo(response -> response.reroute(newPath));
        return this;
    }

    @Override
    public ResponseView reroute(String path, UriQuery query) {
        super.reroute(path, query);
        reroutingToo(response -> response.reroute(path, query));
        return this;
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
        if (stream != null) {
            finish();
            openStream();
        }
        if (bound && attached()) {
            real.commit();
        }
    }

    private void bind() {
        bound = true;
        draft.sayTo(real);
        headers.bind(real.headers());
        bindTrailers();
    }

    private void bindTrailers() {
        if (trailers != null && hasTrailers()) {
            real.trailers().from(trailers);
            trailers.bind(real.trailers());
        }
    }

    private void say(Consumer<RoutingResponse> call) {
        if (bound && attached()) {
            call.accept(real);
        } else if (attached()) {
            draft.add(call);
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
        if (bound && attached() && !ofReal.test(real)) {
            return false;
        }
        if (!bound) {
            also.run();
            if (stream != null) {
                draft.streamForgotten(this::contentEncode);
            }
        }
        stream = null;
        finishing = false;
        return true;
    }

    /** Helidon's HTTP/1.1 leaves a header behind with a status that goes without an entity, and other statuses keep it. */
    private void keepWithoutEntity(Status status) {
        int code = status.code();
        if (!http1 || code != 204 && code != 205 && code != 304) {
            return;
        }
        if (!headers.contains(HeaderNames.CONTENT_LENGTH)) {
            headers.set(HeaderValues.CONTENT_LENGTH_ZERO);
        } else if (headers.get(HeaderNames.CONTENT_LENGTH).getLong() > 0) {
            throw new IllegalStateException("Cannot set status to " + status + " with header "
                                                    + HeaderNames.CONTENT_LENGTH + " greater than zero");
        }
    }

    private boolean hasTrailers() {
        return headers.contains(HeaderNames.TRAILER) || http1 && request.headers().contains(HeaderValues.TE_TRAILERS);
    }

    private void reroutingToo(Consumer<RoutingResponse> call) {
        rerouting = rerouting == null ? call : rerouting.andThen(call);
    }
}

package dev.hangup.internal.response;

import java.io.OutputStream;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.ServerResponseTrailers;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.ServerResponseBase;

/**
 * What {@link ResponseView} takes of an answer but its entity: status, headers, trailers, listeners, where to go on.
 * All of it is kept in a {@link PendingResponse} until it is bound to the real response, and handed on from then on, for as long
 * as the work's calls count.
 */
abstract class RecordingResponse extends ServerResponseBase<RecordingResponse> {
    private final RoutingResponse real;
    private final ServerRequest request;
    private final boolean http1;
    /** {@code null} for as long as nothing was said, which for most work is until it ends. */
    private PendingResponse pending;
    /** {@code null} until somebody asks for them. */
    private ViewHeaders.Leading headers;
    private ViewHeaders.Trailing trailers;
    private Consumer<RoutingResponse> rerouting;
    private boolean bound;

    RecordingResponse(ServerRequest request, RoutingResponse real) {
        super(new RequestConnection(request), request);
        this.real = real;
        this.request = request;
        this.http1 = request.prologue().protocolVersion().startsWith("1");
    }

    /** Whether the work's calls still count. */
    abstract boolean attached();

    /** Whether the stream was asked for. */
    abstract boolean streams();

    /**
     * What was said until now. It begins with the headers that others have set before the race. Nobody changes those but
     * the thread that answers, once the work is cut off; then it does not matter what the work gets to see.
     */
    final PendingResponse pending() {
        if (pending == null) {
            pending = new PendingResponse(attached()
                    ? ServerResponseHeaders.create(real.headers())
                    : ServerResponseHeaders.create());
        }
        return pending;
    }

    /** The status that was set, or {@code null}. */
    final Status pendingStatus() {
        return pending == null ? null : pending.status();
    }

    /** Whether all that was kept is in the real response, and calls are handed on to it. */
    final boolean delegates() {
        return bound && attached();
    }

    final boolean bound() {
        return bound;
    }

    final void bind() {
        bound = true;
        if (pending != null) {
            pending.replayTo(real);
        }
        if (headers != null) {
            headers.bind(real.headers());
        }
        bindTrailers();
    }

    /** To be called when the real stream was asked for, if it was asked for here before the binding. */
    final void bindRest() {
        pending().replayRestTo(real);
        bindTrailers();
    }

    /** Leaves the answer to others, if that is what the work has done. */
    final void delegateRouting() {
        if (super.isNexted()) {
            real.next();
        } else if (rerouting != null) {
            rerouting.accept(real);
        }
    }

    @Override
    public RecordingResponse status(Status status) {
        if (delegates()) {
            real.status(status);
        } else if (attached()) {
            keepWithoutEntity(status);
            pending().status(status);
        }
        return this;
    }

    @Override
    public RecordingResponse header(Header header) {
        if (delegates()) {
            real.header(header);
        } else if (streams() && attached()) {
            throw new IllegalStateException("Cannot set response header after requesting output stream.");
        } else {
            headers().set(header);
        }
        return this;
    }

    @Override
    public ServerResponseHeaders headers() {
        if (headers == null) {
            headers = new ViewHeaders.Leading(this::attached, () -> pending().headers());
            if (bound) {
                headers.bind(real.headers());
            }
        }
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
            if (delegates()) {
                trailers.bind(real.trailers());
            }
        }
        return trailers;
    }

    @Override
    public RecordingResponse beforeTrailers(Consumer<ServerResponseTrailers> listener) {
        record(response -> response.beforeTrailers(listener));
        return this;
    }

    @Override
    public ServerResponse beforeSend(Runnable listener) {
        if (bound) {
            record(response -> response.beforeSend(listener));
        } else {
            pending().beforeSend(listener);
        }
        return this;
    }

    @Override
    public RecordingResponse whenSent(Runnable listener) {
        record(response -> response.whenSent(listener));
        return this;
    }

    @Override
    public void streamFilter(UnaryOperator<OutputStream> filter) {
        Objects.requireNonNull(filter);
        if (bound) {
            record(response -> response.streamFilter(filter));
        } else if (streams() && attached()) {
            throw new IllegalStateException("OutputStream already obtained");
        } else {
            pending().streamFilter(filter);
        }
    }

    @Override
    public void streamResult(String result) {
        record(response -> response.streamResult(result));
    }

    @Override
    public RecordingResponse reroute(String newPath) {
        super.reroute(newPath);
        rerouteToo(response -> response.reroute(newPath));
        return this;
    }

    @Override
    public RecordingResponse reroute(String path, UriQuery query) {
        super.reroute(path, query);
        rerouteToo(response -> response.reroute(path, query));
        return this;
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
    public void resetRouting() {
        rerouting = null;
        super.resetRouting();
    }

    private void record(Consumer<RoutingResponse> call) {
        if (delegates()) {
            call.accept(real);
        } else if (attached()) {
            pending().add(call);
        }
    }

    private void bindTrailers() {
        if (trailers != null && hasTrailers()) {
            real.trailers().from(trailers);
            trailers.bind(real.trailers());
        }
    }

    boolean http1() {
        return http1;
    }

    /** As the responses of both protocols have it. */
    private boolean hasTrailers() {
        return headers().contains(HeaderNames.TRAILER) || http1 && request.headers().contains(HeaderValues.TE_TRAILERS);
    }

    /** Helidon's HTTP/1.1 puts a header beside a status that goes without an entity, and leaves it to later ones. */
    private void keepWithoutEntity(Status status) {
        int code = status.code();
        if (!http1 || code != 204 && code != 205 && code != 304) {
            return;
        }
        if (!headers().contains(HeaderNames.CONTENT_LENGTH)) {
            headers().set(HeaderValues.CONTENT_LENGTH_ZERO);
        } else if (headers().get(HeaderNames.CONTENT_LENGTH).getLong() > 0) {
            throw new IllegalStateException("Cannot set status to " + status + " with header "
                                                    + HeaderNames.CONTENT_LENGTH + " greater than zero");
        }
    }

    private void rerouteToo(Consumer<RoutingResponse> call) {
        rerouting = rerouting == null ? call : rerouting.andThen(call);
    }
}

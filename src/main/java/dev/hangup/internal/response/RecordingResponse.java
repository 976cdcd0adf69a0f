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
 * The part of {@link ResponseView} that handles everything but the entity: status, headers, trailers, listeners and rerouting.
 * Calls are recorded in a {@link PendingResponse} until they are bound to the real response. After that they are delegated, as
 * long as the view is attached.
 */
abstract class RecordingResponse extends ServerResponseBase<RecordingResponse> {
    private final RoutingResponse real;
    private final ServerRequest request;
    final boolean http1;
    /** {@code null} until the work calls a method that must be recorded, for most work not before its end. */
    private PendingResponse pending;
    /** {@code null} until requested. */
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

    /** Whether calls of the work still take effect. */
    abstract boolean attached();

    /** Whether the stream was requested. */
    abstract boolean streams();

    /**
     * The calls recorded so far. The recording starts with the headers that were set before the race. Only the responding thread
     * changes those headers, once the response is revoked; what the work sees of them no longer matters then.
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

    /** Whether all recorded calls are in the real response, and further calls are delegated to it. */
    final boolean delegates() {
        return bound && attached();
    }

    /** Whether the real response is not acquired, and nothing has been recorded. */
    final boolean isUntouched() {
        return !bound && pending == null;
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

    /** To be called when the real stream was requested, if the work requested the stream before binding. */
    final void bindRest() {
        pending().replayRestTo(real);
        bindTrailers();
    }

    /** Passes the request on to the next handler or to another route, if the work has done so. */
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
            headers = new ViewHeaders.Leading(this::attached, this::pending);
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

    /** The same condition as in the responses of both protocols. */
    private boolean hasTrailers() {
        return headers().contains(HeaderNames.TRAILER) || http1 && expectsTrailers();
    }

    private boolean expectsTrailers() {
        return request.headers().containsToken(HeaderValues.TE_TRAILERS);
    }

    /** Records that the stream was requested. Helidon's HTTP/2 announces a trailer at that point. */
    final void recordStream() {
        pending().streamRequested();
        if (!http1 && expectsTrailers()) {
            pending().headers().add(STREAM_TRAILERS);
        }
    }

    /** Helidon's HTTP/1.1 sets a header together with a status without an entity, and leaves it there for a later status. */
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

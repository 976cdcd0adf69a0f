package dev.hangup.internal.response;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import io.helidon.http.Header;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;

/**
 * The calls that the work has made on its response before it acquired the real response. They are replayed to the real response
 * in the same order. Calls made after the stream was requested must not be replayed before it is requested: at that point Helidon
 * runs the listeners and determines how the entity is framed and encoded.
 */
final class PendingResponse {
    private final ServerResponseHeaders headers;
    private List<Runnable> beforeSend = List.of();
    private List<UnaryOperator<OutputStream>> streamFilters = List.of();
    private List<Consumer<RoutingResponse>> calls = List.of();
    private List<Consumer<RoutingResponse>> callsAfterStream = List.of();
    /** The headers at the time when the stream was requested; {@code null} before that. */
    private ServerResponseHeaders headersAtStream;
    private Status status;

    PendingResponse(ServerResponseHeaders headers) {
        this.headers = headers;
    }

    ServerResponseHeaders headers() {
        return headers;
    }

    /** The status that was set, or {@code null}. */
    Status status() {
        return status;
    }

    void status(Status status) {
        this.status = status;
        add(response -> response.status(status));
    }

    void beforeSend(Runnable listener) {
        if (headersAtStream == null) {
            beforeSend = with(beforeSend, listener);
        } else {
            add(response -> response.beforeSend(listener));
        }
    }

    void streamFilter(UnaryOperator<OutputStream> filter) {
        streamFilters = with(streamFilters, filter);
    }

    void add(Consumer<RoutingResponse> call) {
        if (headersAtStream == null) {
            calls = with(calls, call);
        } else {
            callsAfterStream = with(callsAfterStream, call);
        }
    }

    /**
     * Called after a change of the headers. After the stream was requested each change is a call: what the listeners, which run at
     * that point, have added to the real headers must not be replaced by the result.
     */
    void headersChanged(Consumer<ServerResponseHeaders> change) {
        if (headersAtStream != null) {
            add(response -> change.accept(response.headers()));
        }
    }

    private static <T> List<T> with(List<T> list, T added) {
        List<T> longer = list.isEmpty() ? new ArrayList<>(2) : list;
        longer.add(added);
        return longer;
    }

    boolean isStreamRequested() {
        return headersAtStream != null;
    }

    void streamRequested() {
        headersAtStream = ServerResponseHeaders.create(headers);
        // a copied header takes the values of its original when it is first asked for them
        headersAtStream.forEach(Header::allValues);
    }

    /** Called when the stream is discarded. Reproduces the side effects that Helidon has when a stream is requested. */
    void streamDiscarded(UnaryOperator<OutputStream> encoding) {
        beforeSend.forEach(Runnable::run);
        OutputStream stream = encoding.apply(OutputStream.nullOutputStream());
        for (UnaryOperator<OutputStream> filter : streamFilters) {
            stream = filter.apply(stream);
        }
        headersAtStream = null;
        callsAfterStream.forEach(this::add);
        callsAfterStream = List.of();
    }

    /** Replays all calls, or, if the stream was requested, those made before. */
    void replayTo(RoutingResponse real) {
        if (!calls.isEmpty()) {
            // a status may have set a header, or may not be allowed together with one
            real.headers().clear();
            calls.forEach(call -> call.accept(real));
        }
        beforeSend.forEach(real::beforeSend);
        streamFilters.forEach(real::streamFilter);
        if (real.headers().size() > 0) {
            // Helidon 4.5.0 would create a map otherwise
            real.headers().clear();
        }
        real.headers().from(headersAtStream == null ? headers : headersAtStream);
    }

    /** Replays the calls made after the stream was requested, once the real stream is requested too. */
    void replayRestTo(RoutingResponse real) {
        callsAfterStream.forEach(call -> call.accept(real));
    }
}

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
 * What the work has said of its answer before the response was its: to be said to the real one in the same order.
 * What it says after it has asked for the stream must not be said before: by then Helidon has run the listeners, and
 * settled how the entity is framed and encoded.
 */
final class PendingResponse {
    private final ServerResponseHeaders headers;
    private final List<Runnable> beforeSend = new ArrayList<>(2);
    private final List<UnaryOperator<OutputStream>> streamFilters = new ArrayList<>(0);
    private final List<Consumer<RoutingResponse>> calls = new ArrayList<>(2);
    private final List<Consumer<RoutingResponse>> callsAfterStream = new ArrayList<>(0);
    /** As they were when the stream was asked for; {@code null} before that. */
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
            beforeSend.add(listener);
        } else {
            add(response -> response.beforeSend(listener));
        }
    }

    void streamFilter(UnaryOperator<OutputStream> filter) {
        streamFilters.add(filter);
    }

    void add(Consumer<RoutingResponse> call) {
        (headersAtStream == null ? calls : callsAfterStream).add(call);
    }

    void streamRequested() {
        headersAtStream = ServerResponseHeaders.create(headers);
    }

    /** The stream is not to be. What Helidon does when one is asked for leaves its traces all the same. */
    void streamDiscarded(UnaryOperator<OutputStream> encoding) {
        beforeSend.forEach(Runnable::run);
        OutputStream stream = encoding.apply(OutputStream.nullOutputStream());
        for (UnaryOperator<OutputStream> filter : streamFilters) {
            stream = filter.apply(stream);
        }
        headersAtStream = null;
        calls.addAll(callsAfterStream);
        callsAfterStream.clear();
    }

    /** All of it, or what was said before the stream was asked for. */
    void replayTo(RoutingResponse real) {
        // a status may have put a header there, or may refuse to go with one
        real.headers().clear();
        calls.forEach(call -> call.accept(real));
        beforeSend.forEach(real::beforeSend);
        streamFilters.forEach(real::streamFilter);
        real.headers().clear()
                .from(headersAtStream == null ? headers : headersAtStream);
    }

    /** What was said since, once the real stream was asked for too. */
    void replayRestTo(RoutingResponse real) {
        callsAfterStream.forEach(call -> call.accept(real));
        for (Header header : headers) {
            if (!headersAtStream.contains(header)) {
                real.headers().set(header);
            }
        }
        for (Header header : headersAtStream) {
            if (!headers.contains(header.headerName())) {
                real.headers().remove(header.headerName());
            }
        }
    }
}

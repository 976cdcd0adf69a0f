package dev.hangup.internal.http2;

import java.io.UncheckedIOException;

import dev.hangup.internal.connection.DecoratedRouting;

import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.BadRequestException;
import io.helidon.http.DirectHandler;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.DirectTransportRequest;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * The routing of an HTTP/2 connection. It notifies the connection that a stream has its response. The request of an upgrade gets
 * its concurrency permit here, since Helidon 4.5.0 asks for none ({@code Http2Connection.ackSettings}); it is refused as others
 * are, and gives its permit back as others do.
 */
record Http2Routing(WatchedHttp2Connection connection) implements DecoratedRouting.Around {
    private static final System.Logger LOGGER = System.getLogger(Http2Routing.class.getName());

    @Override
    public void route(HttpRouting routing, ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        response.beforeSend(() -> prepare(response.headers()));
        response.beforeTrailers(Http2Routing::prepare);
        Http2Exchange stream = connection.streams().get(request.id());
        if (stream == null) {
            routing.route(ctx, request, response);
        } else if (stream.isPermitted()) {
            route(stream, ctx, routing, request, response);
        } else {
            permitted(stream, ctx, routing, request, response);
        }
    }

    /** Routes a request for which Helidon has asked for no permit, once it has one; refuses it otherwise, as Helidon does. */
    private void permitted(Http2Exchange stream, ConnectionContext ctx, HttpRouting routing, RoutingRequest request,
                           RoutingResponse response) {
        if (!(connection.limit().tryAcquireOutcome(true) instanceof LimitAlgorithm.Outcome.Accepted accepted)) {
            stream.routing(response.headers(), false);
            response.status(Status.SERVICE_UNAVAILABLE_503).send("Too Many Concurrent Requests");
            response.commit();
            return;
        }
        try {
            route(stream, ctx, routing, request, response);
        } finally {
            giveBack(accepted.token(), response.status());
        }
    }

    /** As Helidon does ({@code Http2ServerStream.handle}). */
    private static void giveBack(LimitAlgorithm.Token permit, Status status) {
        if (status == Status.NOT_FOUND_404) {
            permit.ignore();
            return;
        }
        switch (status.family()) {
        case INFORMATIONAL, SUCCESSFUL, REDIRECTION -> permit.success();
        default -> permit.dropped();
        }
    }

    private void route(Http2Exchange stream, ConnectionContext ctx, HttpRouting routing, RoutingRequest request,
                       RoutingResponse response) {
        ServerRequestHeaders headers = request.headers();
        boolean continues = headers.contains(HeaderNames.EXPECT) && headers.containsToken(HeaderValues.EXPECT_100);
        stream.routing(response.headers(), continues);
        if (stream.input != null) {
            request.streamFilter(stream::guarded);
        }
        try {
            route(ctx, routing, request, response);
            connection.succeeded(stream);
        } finally {
            connection.completed(stream);
            stream.requestOver();
        }
    }

    /**
     * Routes a request, and responds where no error handler has: to a malformed request that none handles, and after an error
     * handler that throws. Helidon 4.5.0 does so for HTTP/1.1 only ({@code ErrorHandlers.unhandledError}, {@code
     * Http2ServerStream.run}); over HTTP/2 its clients wait for ever, and their streams count as open until the connection ends.
     */
    private void route(ConnectionContext ctx, HttpRouting routing, RoutingRequest request, RoutingResponse response) {
        try {
            if (connection.limits().validatePath()) {
                validatePath(request);
            }
            routing.route(ctx, request, response);
        } catch (CloseConnectionException | RequestException | SocketWriterException | UncheckedIOException e) {
            // Helidon resets the stream or responds, or the connection has failed
            throw e;
        } catch (BadRequestException e) {
            respond(ctx, request, response, DirectHandler.EventType.BAD_REQUEST, e.status(), e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            respond(ctx, request, response, DirectHandler.EventType.INTERNAL_ERROR, Status.INTERNAL_SERVER_ERROR_500,
                    "Internal error", e);
        }
    }

    /**
     * Refuses a request whose path has characters that are not allowed. Helidon 4.5.0 ends the connection with all its requests
     * because of one ({@code Http2Connection.doHeaders}), where HTTP/2 has a stream error (RFC 9113, 8.1.1).
     */
    private static void validatePath(RoutingRequest request) {
        try {
            request.prologue().uriPath().validate();
        } catch (IllegalArgumentException e) {
            throw new BadRequestException("Invalid path", e);
        }
    }

    private static void respond(ConnectionContext ctx, RoutingRequest request, RoutingResponse response,
                                DirectHandler.EventType type, Status status, String message, Throwable thrown) {
        if (response.isSent()) {
            // a reset after the response could make the client drop it
            LOGGER.log(System.Logger.Level.DEBUG, "An exception was thrown after the response", thrown);
            return;
        }
        if (!response.reset()) {
            throw new CloseConnectionException("The response has begun", thrown);
        }
        boolean explains = ctx.listenerContext().config().errorHandling().includeEntity();
        RequestException explained = RequestException.builder()
                .type(type)
                .status(status)
                .message(explains ? message : "")
                .request(DirectTransportRequest.create(request.prologue(), request.headers()))
                .cause(thrown)
                .build();
        try {
            ctx.listenerContext().directHandlers().handle(explained, response, true);
            response.commit();
        } catch (CloseConnectionException | SocketWriterException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // the application's direct handler has failed; this resets the stream
            throw new CloseConnectionException("There is no response to an exception", e);
        }
    }

    /** Prepares fields for Helidon's encoder. */
    private static void prepare(WritableHeaders<?> headers) {
        ensureEncodable(headers);
        keepOutOfTheTable(headers);
    }

    /**
     * Throws if a field cannot be encoded. Helidon 4.5.0 fails to encode a text that becomes longer by that, after it has added the
     * field, and those before it, to its table ({@code Http2Headers.writeHeader}). The table of the client lacks them, so that it
     * would take later fields for others: a {@code content-type} for the {@code set-cookie} of another response. As without
     * Hangup, the stream is reset, since the response counts as sent.
     */
    private static void ensureEncodable(WritableHeaders<?> headers) {
        for (Header header : headers) {
            if (HuffmanLength.lengthens(header.name()) || lengthens(header)) {
                String reason = "Helidon cannot send the field " + header.name() + " of a response over HTTP/2: its Huffman code is"
                        + " longer than its text";
                LOGGER.log(System.Logger.Level.WARNING, reason);
                throw new IllegalStateException(reason);
            }
        }
    }

    private static boolean lengthens(Header header) {
        if (header.valueCount() == 1) {
            return HuffmanLength.lengthens(header.get());
        }
        return header.headerName() == HeaderNames.SET_COOKIE
                ? header.allValues().stream().anyMatch(HuffmanLength::lengthens)
                : HuffmanLength.lengthens(header.values());
    }

    /**
     * Marks large and sensitive fields as changing. Helidon does not add changing fields to its table. Helidon 4.5.0 tries for
     * ever to make room for a field that is larger than the whole table ({@code Http2Headers.DynamicTable.add}). It also adds
     * sensitive fields, although it tells the client that they are not added ({@code Http2Headers.HeaderApproach.write}).
     */
    private static void keepOutOfTheTable(WritableHeaders<?> headers) {
        for (Header header : headers) {
            if (!header.changing() && (header.sensitive() || isLarge(header))) {
                headers.set(HeaderValues.create(header.headerName(), true, header.sensitive(),
                                                header.allValues().toArray(new String[0])));
            }
        }
    }

    private static boolean isLarge(Header header) {
        int size = header.name().length() + HeaderTable.FIELD_OVERHEAD;
        // several values are sent as one, with separators
        for (String value : header.allValues()) {
            size += value.length() + 2;
        }
        return size > HeaderTable.SIZE;
    }
}

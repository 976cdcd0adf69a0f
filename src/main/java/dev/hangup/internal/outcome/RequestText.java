package dev.hangup.internal.outcome;

import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.text.Printable;

import io.helidon.webserver.http.ServerRequest;

/**
 * The text that identifies a request in logs, thread names, events and labels. Each part is a {@link Printable#word}. All code
 * that names a request must use this class, because a client controls the method, the path, and on some sockets its own address.
 */
public final class RequestText {
    private RequestText() {
    }

    static String method(ServerRequest request) {
        return Printable.word(request.prologue().method().text());
    }

    /** The pattern of the route that matched, or the raw path while there is none. */
    static String route(ServerRequest request) {
        return Printable.word(RoutePattern.of(request));
    }

    /** The client's address, as {@code host:port}; behind a trusted proxy, as the proxy has written it. */
    static String peer(ServerRequest request) {
        return Printable.word(ClientAddress.behindProxy(request).map(ClientAddress::text).orElseGet(() -> Exchange.peer(request)));
    }

    /** Method and route. */
    public static String name(ServerRequest request) {
        return method(request) + " " + route(request);
    }

    /** Method, route and address, with which lines of the log begin. */
    public static String line(ServerRequest request) {
        return name(request) + " peer=" + peer(request);
    }
}

package dev.hangup.internal.outcome;

import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.text.Printable;

import io.helidon.webserver.http.ServerRequest;

/**
 * What logs, thread names, events and labels call a request, each part a {@link Printable#word}. Whoever names a request to
 * anybody takes the words from here: a client writes the method, the path, and on some sockets its own address.
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

    /** The client's address, as {@code host:port}; behind a proxy that is trusted, as the proxy has written it. */
    static String peer(ServerRequest request) {
        return Printable.word(ClientAddress.behindProxy(request).map(ClientAddress::text).orElseGet(() -> Exchange.peer(request)));
    }

    /** Method and route. */
    public static String name(ServerRequest request) {
        return method(request) + " " + route(request);
    }

    /** Method, route and address, as lines of the log begin. */
    public static String line(ServerRequest request) {
        return name(request) + " peer=" + peer(request);
    }

    /** A thread as thread dumps name it. An application may have named it after what a client sent. */
    static String thread(Thread thread) {
        return thread.getName().isEmpty()
                ? "#" + thread.threadId()
                : "#" + thread.threadId() + " " + Printable.line(thread.getName());
    }
}

package dev.hangup.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.helidon.common.context.Context;

/**
 * A request under Hangup whose work begins, as listeners are told of it. Method, route and peer are printable words without
 * spaces, whatever the client has sent: see {@link dev.hangup.internal.text.Printable#word}.
 *
 * @param id      its number: one of its own for as long as this JVM runs, positive
 * @param method  the request's method
 * @param route   the pattern of the route that matched; the raw path where no pattern is known
 * @param peer    the client's address as {@code host:port}. Where the PROXY protocol, or a proxy that the socket's
 *                {@code requested-uri-discovery} trusts, names the client, it is that client's, without a port if none is named;
 *                what anyone else has written in a header is not looked at
 * @param at      when its headers had been read
 * @param allowed how long its work may take from then on, as far as is known when it begins; zero if it is not to begin
 * @param context what is known of it to others, such as their tracing: the Helidon context that was the current one, if any
 */
public record RequestStart(long id, String method, String route, String peer, Instant at, Duration allowed,
                           Optional<Context> context) {
}

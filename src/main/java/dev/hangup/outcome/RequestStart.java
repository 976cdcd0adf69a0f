package dev.hangup.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.helidon.common.context.Context;

/**
 * The start of one request under Hangup. Method, route and peer are printable words without spaces, whatever the client has
 * sent: see {@link dev.hangup.internal.text.Printable#word}.
 *
 * @param id      its number: positive, and unique within this JVM
 * @param method  the request's method
 * @param route   the pattern of the route that matched; the raw path if no pattern is known
 * @param peer    the client's address as {@code host:port}. If the PROXY protocol, or a proxy trusted by the socket's
 *                {@code requested-uri-discovery}, names the client, this is the address named, without a port if none is named.
 *                Headers from other senders are ignored. On a Unix domain socket it is {@code unix:} and the path of the socket
 * @param at      when its headers had been read
 * @param allowed how long its work may take from then on until its response begins, as known when the work begins; zero if the
 *                work will not begin
 * @param context the Helidon context of the request; it may hold a tracing span, for example. Under {@code paths} always there if
 *                the server has an {@link OutcomeListener}; elsewhere, only if Helidon's {@code ContextFeature} has made it current
 */
public record RequestStart(long id, String method, String route, String peer, Instant at, Duration allowed,
                           Optional<Context> context) {
}

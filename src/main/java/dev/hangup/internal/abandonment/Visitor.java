package dev.hangup.internal.abandonment;

/**
 * A client on a route. Its abandoned requests are counted together.
 *
 * @param client key of the client
 * @param route  the route, compared by identity
 */
record Visitor(String client, Object route) {
}

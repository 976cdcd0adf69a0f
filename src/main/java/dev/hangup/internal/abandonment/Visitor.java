package dev.hangup.internal.abandonment;

/**
 * A client on a route: what is counted together.
 *
 * @param client its key
 * @param route  known by its identity
 */
record Visitor(String client, Object route) {
}

package dev.hangup.internal.abandonment;

/** A client, by its key, on a route, which is compared by identity. Its abandoned requests are counted together. */
record ClientRoute(String client, Object route) {
}

/**
 * HTTP/1.1: the connection, its exchange, and the framing of requests and responses.
 * <p>
 * {@code WatchedHttp1Connection} wraps Helidon's connection; {@code EntityReader} knows how much of a body was read.
 */
package dev.hangup.internal.http1;

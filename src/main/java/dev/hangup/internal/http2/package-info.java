/**
 * HTTP/2: the connection, an exchange for each stream, and the frames in both directions.
 * <p>
 * {@code WatchedHttp2Connection} wraps Helidon's connection; {@code InboundFrames} and {@code OutboundFrames} decide about each
 * frame before Helidon or the client receives it.
 */
package dev.hangup.internal.http2;

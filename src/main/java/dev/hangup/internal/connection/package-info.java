/**
 * Where a client's leaving is noticed.
 * <p>
 * A {@link dev.hangup.internal.http1.WatchedHttp1Provider} takes the place of Helidon's own HTTP/1.1 selector and wraps
 * each connection so that {@code ReadAhead} is the one reader of its socket. While a request is watched the reader
 * goes on reading on a thread of its own: bytes wait for whoever asks for them next, and the end of the stream is the
 * client's leaving. The race learns of it through its {@link dev.hangup.internal.connection.Exchange}. Over HTTP/2 a
 * {@link dev.hangup.internal.http2.WatchedHttp2Provider} does the same, and a {@code FrameScanner} tells streams apart.
 */
package dev.hangup.internal.connection;

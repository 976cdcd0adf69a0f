/**
 * TLS that can be read and written at once, which watching a client while it is answered needs.
 * <p>
 * Helidon's TLS socket writes where it should only read: what answers a close_notify or a KeyUpdate is sent by the reader,
 * which waits for the writer to get to it. {@link dev.hangup.tls.FullDuplexTls} makes the engines of a listener leave that to
 * the next write, and bounds what may wait for it.
 */
package dev.hangup.tls;

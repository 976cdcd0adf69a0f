/**
 * TLS that can be read and written at once, which watching a client while it is answered needs.
 * <p>
 * Helidon's TLS socket writes where it should only read: what answers a close_notify or a KeyUpdate goes out from the
 * reader, through buffers that the writer is using. {@link dev.hangup.tls.FullDuplexTls} makes the engines of a
 * listener leave that to the next write.
 */
package dev.hangup.tls;

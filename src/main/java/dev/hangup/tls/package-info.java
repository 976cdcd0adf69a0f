/**
 * TLS connections that can be read and written at the same time. Watching a client while its response is written needs this.
 * <p>
 * A read of Helidon's TLS socket may write: the reader sends the response to a close_notify or a KeyUpdate, and waits for the
 * writer's lock before that. With {@link dev.hangup.tls.FullDuplexTls}, the engines of a listener leave these responses to the
 * next write, and bound how many may wait for it.
 */
package dev.hangup.tls;

/**
 * Where a request comes from: the peer of its connection, or the client that a trusted proxy names. Imports nothing of
 * Hangup's.
 * <p>
 * {@link dev.hangup.internal.address.ClientAddress} is the way in; {@code TrustedProxies} asks Helidon which proxies are
 * trusted, {@code ForwardedFor} and {@code AddressLiteral} read what they say.
 */
package dev.hangup.internal.address;

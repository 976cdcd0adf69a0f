/**
 * The origin of a request: the peer of its connection, or the client specified by a trusted proxy. Imports no other package of
 * Hangup.
 * <p>
 * {@link dev.hangup.internal.address.ClientAddress} is the entry point; {@code TrustedProxies} finds out from Helidon which
 * proxies are trusted; {@code ForwardedFor} and {@code AddressLiteral} parse their headers.
 */
package dev.hangup.internal.address;

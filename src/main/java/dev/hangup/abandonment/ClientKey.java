package dev.hangup.abandonment;

import java.util.Optional;

import io.helidon.webserver.http.ServerRequest;

/** Identifies the client of a request for the abandonment limiter. */
@FunctionalInterface
public interface ClientKey {
    /**
     * Returns a key that identifies a client by its trustworthy address. This is the address of the connection's peer, or the
     * one that the PROXY protocol names on a socket with that protocol. If it belongs to a proxy that the socket's
     * {@code requested-uri-discovery} trusts, the key is the nearest untrusted address in the header that the discovery uses:
     * {@code Forwarded} or {@code X-Forwarded-For}. Addresses beyond that may be forged, and are ignored. If no proxy is
     * trusted, the whole header is ignored. A proxy whose header names no client, or names it by something other than an
     * address, counts as the client itself.
     * <p>
     * Peers on a Unix domain socket have no address. They are trusted proxies if the list of trusted proxies contains {@code
     * unix:}. There is no key if none of these sources names a client.
     * <p>
     * IPv6 addresses are compared by their first 64 bits, since the holder of one address of such a network has all of them.
     * Clients behind one NAT share an address and count as one client; a custom key may distinguish them.
     *
     * @return the key
     */
    static ClientKey address() {
        return AddressKey.INSTANCE;
    }

    /**
     * Returns the key of the client of a request. This method is called for each request, on its thread, before its work
     * begins. Its exceptions are passed to the error handlers.
     * <p>
     * If the route is one of {@code paths}, the work includes all filters. This method is then called before them: there is no
     * security context, nothing that a filter registers, and neither {@link ServerRequest#path()} nor {@link
     * ServerRequest#requestedUri()} can be used. Derive the key from the certificate of the TLS peer, or from a header that
     * this method itself verifies. Its exceptions reach the error handlers through the filters.
     * <p>
     * The client must not be able to choose its key, or it could choose another one each time. Derive the key from
     * authenticated data, not from a header that anybody can set.
     *
     * @param request the request
     * @return a value that is equal for all requests of a client; empty if the client is never refused
     */
    Optional<String> of(ServerRequest request);
}

package dev.hangup.abandonment;

import java.util.Optional;

import io.helidon.webserver.http.ServerRequest;

/** Who a request's client is, as far as the limiter of abandonment is concerned. */
@FunctionalInterface
public interface ClientKey {
    /**
     * A client is its address, as far as that can be believed: where the connection comes from, or, on a socket with the PROXY
     * protocol, what that says. If that is a proxy which the socket's {@code requested-uri-discovery} trusts, it is the nearest
     * address that is not, in the header that the discovery goes by: {@code Forwarded}, or {@code X-Forwarded-For}. What lies
     * beyond that anyone may have written, and it is never looked at; nor is the header where nobody is trusted. A proxy that
     * does not say who it speaks for, or says so with something else than an address, is a client itself.
     * <p>
     * Of an IPv6 address the first 64 bits count: whoever has one address of such a network has all of them. Clients that share
     * an address, behind one NAT, are one client; a key of your own may know better.
     *
     * @return takes the address from a request
     */
    static ClientKey address() {
        return AddressKey.INSTANCE;
    }

    /**
     * Takes the key of the client from a request. Called with each request, on its thread, before its work begins; what it
     * throws goes to the error handlers.
     * <p>
     * The key must not be of the client's own choosing, or it would choose another each time: take it from what was
     * authenticated, not from a header that anyone can set.
     *
     * @param request the request
     * @return the same for all requests of a client; empty if it is not to be refused
     */
    Optional<String> of(ServerRequest request);
}

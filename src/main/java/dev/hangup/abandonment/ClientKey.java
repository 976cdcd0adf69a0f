package dev.hangup.abandonment;

import java.util.Optional;

import io.helidon.webserver.http.ServerRequest;

/** Who a request's client is, as far as the limiter of abandonment is concerned. */
@FunctionalInterface
public interface ClientKey {
    /**
     * A client is its address, as far as that can be believed: {@link AbandonmentLimiter} says which one.
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

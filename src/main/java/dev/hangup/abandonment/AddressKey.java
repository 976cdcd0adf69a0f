package dev.hangup.abandonment;

import java.util.Optional;

import dev.hangup.internal.address.ClientAddress;

import io.helidon.webserver.http.ServerRequest;

/** A client is its address; of IPv6 its network of 64 bits. */
enum AddressKey implements ClientKey {
    /** The only one: it has no state. */
    INSTANCE;

    @Override
    public Optional<String> of(ServerRequest request) {
        return ClientAddress.of(request).map(ClientAddress::network);
    }
}

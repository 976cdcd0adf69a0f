package dev.hangup.abandonment;

import java.util.Optional;

import dev.hangup.internal.address.ClientAddress;

import io.helidon.webserver.http.ServerRequest;

/** Identifies a client by its address, or by the first 64 bits of an IPv6 address. */
enum AddressKey implements ClientKey {
    /** The only instance; it has no state. */
    INSTANCE;

    @Override
    public Optional<String> of(ServerRequest request) {
        return ClientAddress.of(request).map(ClientAddress::network);
    }
}

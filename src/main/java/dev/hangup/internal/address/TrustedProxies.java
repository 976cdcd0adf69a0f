package dev.hangup.internal.address;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;

/**
 * The proxies that a socket's requested-URI discovery trusts. The discovery exposes neither these proxies nor the client's
 * address. But it computes the URI to which a request was sent, for which it trusts only those proxies. So each address is tested
 * with a synthetic request.
 */
record TrustedProxies(RequestedUriDiscoveryContext discovery) {
    private static final String FORWARDED = "forwarded.invalid";
    private static final String X_FORWARDED = "x-forwarded.invalid";
    /** The maximum number of proxies that are followed. */
    private static final int MAX_HOPS = 16;

    /** The address for which a trusted proxy forwards; empty if the proxy is not trusted, or does not specify one. */
    Optional<ClientAddress> beyond(ClientAddress proxy, Headers headers) {
        Optional<HeaderName> header = believed(proxy.address());
        if (header.isEmpty()) {
            return Optional.empty();
        }
        ClientAddress nearest = proxy;
        List<String> hops = header.get() == HeaderNames.FORWARDED
                ? ForwardedFor.of(values(headers, header.get()))
                : ForwardedFor.ofPlain(values(headers, header.get()));
        for (String hop : hops.subList(0, Math.min(MAX_HOPS, hops.size()))) {
            Optional<ClientAddress> address = AddressLiteral.parse(hop);
            if (address.isEmpty()) {
                break;
            }
            nearest = address.get();
            if (believed(nearest.address()).isEmpty()) {
                break;
            }
        }
        return Optional.of(nearest);
    }

    /** The header that is trusted if it comes from the given address. */
    private Optional<HeaderName> believed(InetAddress address) {
        InetSocketAddress from = new InetSocketAddress(address, 0);
        return switch (discovery.uriInfo(from, null, "/", question(address), UriQuery.empty(), false).host()) {
        case FORWARDED -> Optional.of(HeaderNames.FORWARDED);
        case X_FORWARDED -> Optional.of(HeaderNames.X_FORWARDED_FOR);
        default -> Optional.empty();
        };
    }

    /**
     * Creates the synthetic request. Helidon 4.5.0 trusts X-Forwarded-Host only if X-Forwarded-For contains a trusted proxy after
     * the client ({@code RequestedUriDiscoveryContext}, {@code discoverUsingXForwarded}).
     */
    private static ServerRequestHeaders question(InetAddress proxy) {
        return ServerRequestHeaders.create(WritableHeaders.create()
                .set(HeaderNames.HOST, "host.invalid")
                .set(HeaderNames.FORWARDED, "for=unknown;host=" + FORWARDED)
                .set(HeaderNames.X_FORWARDED_FOR, "unknown", proxy.getHostAddress())
                .set(HeaderNames.X_FORWARDED_HOST, X_FORWARDED));
    }

    private static List<String> values(Headers headers, HeaderName name) {
        return headers.contains(name) ? headers.get(name).allValues() : List.of();
    }
}

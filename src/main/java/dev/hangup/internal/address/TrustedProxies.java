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
    /** The entry among the trusted proxies that stands for all peers on Unix domain sockets, as in the configuration of nginx. */
    private static final String UNIX_SOCKET = "unix:";
    /** The maximum number of proxies that are followed. */
    private static final int MAX_HOPS = 16;

    /** The address for which a trusted proxy forwards; empty if the proxy is not trusted, or does not specify one. */
    Optional<ClientAddress> beyond(ClientAddress proxy, Headers headers) {
        return trustedHeader(proxy.address()).map(header -> farthest(hops(headers, header)).orElse(proxy));
    }

    /** As {@link #beyond}, for a proxy that has connected to a Unix domain socket. */
    Optional<ClientAddress> beyondUnixSocket(Headers headers) {
        return trustedHeader(UNIX_SOCKET).flatMap(header -> farthest(hops(headers, header)));
    }

    /** Whether proxies that connect to a Unix domain socket are trusted. */
    boolean trustsUnixSocket() {
        return trustedHeader(UNIX_SOCKET).isPresent();
    }

    /** The first address that is not trusted, or the last one that is. */
    private Optional<ClientAddress> farthest(List<String> hops) {
        Optional<ClientAddress> farthest = Optional.empty();
        for (String hop : hops.subList(0, Math.min(MAX_HOPS, hops.size()))) {
            Optional<ClientAddress> address = AddressLiteral.parse(hop);
            if (address.isEmpty()) {
                break;
            }
            farthest = address;
            if (trustedHeader(address.get().address()).isEmpty()) {
                break;
            }
        }
        return farthest;
    }

    private static List<String> hops(Headers headers, HeaderName header) {
        List<String> values = headers.contains(header) ? headers.get(header).allValues() : List.of();
        return header == HeaderNames.FORWARDED ? ForwardedFor.of(values) : ForwardedFor.ofPlain(values);
    }

    /** The header that is trusted if it comes from the given address. */
    private Optional<HeaderName> trustedHeader(InetAddress address) {
        return trustedHeader(new InetSocketAddress(address, 0), address.getHostAddress());
    }

    /**
     * The header that is trusted if it comes from a socket of that name. Helidon 4.5.0 trusts internet addresses only ({@code
     * RequestedUriDiscoveryContext.uriInfo}). Any name can stand for such an address: it is compared as a string.
     */
    private Optional<HeaderName> trustedHeader(String name) {
        return trustedHeader(InetSocketAddress.createUnresolved(name, 0), name);
    }

    private Optional<HeaderName> trustedHeader(InetSocketAddress from, String proxy) {
        return switch (discovery.uriInfo(from, null, "/", syntheticRequest(proxy), UriQuery.empty(), false).host()) {
        case FORWARDED -> Optional.of(HeaderNames.FORWARDED);
        case X_FORWARDED -> Optional.of(HeaderNames.X_FORWARDED_FOR);
        default -> Optional.empty();
        };
    }

    /**
     * Creates the synthetic request. Helidon 4.5.0 trusts X-Forwarded-Host only if X-Forwarded-For contains a trusted proxy after
     * the client ({@code RequestedUriDiscoveryContext}, {@code discoverUsingXForwarded}).
     */
    private static ServerRequestHeaders syntheticRequest(String proxy) {
        return ServerRequestHeaders.create(WritableHeaders.create()
                .set(HeaderNames.HOST, "host.invalid")
                .set(HeaderNames.FORWARDED, "for=unknown;host=" + FORWARDED)
                .set(HeaderNames.X_FORWARDED_FOR, "unknown", proxy)
                .set(HeaderNames.X_FORWARDED_HOST, X_FORWARDED));
    }
}

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
 * with a synthetic request. Of several types of discovery, the first one that finds its header in the request counts, as for the
 * URI. So a synthetic request has only those headers that the real one has.
 */
record TrustedProxies(RequestedUriDiscoveryContext discovery) {
    private static final String FORWARDED = "forwarded.invalid";
    private static final String X_FORWARDED = "x-forwarded.invalid";
    /** The entry among the trusted proxies that stands for all peers on Unix domain sockets, as in the configuration of nginx. */
    private static final String UNIX_SOCKET = "unix:";
    /** The maximum number of proxies that are followed. */
    private static final int MAX_HOPS = 16;

    /** A request with the headers of all types. */
    private static final Headers ANY = WritableHeaders.create()
            .set(HeaderNames.FORWARDED, "")
            .set(HeaderNames.X_FORWARDED_FOR, "");

    /** The address for which a trusted proxy forwards; empty if the proxy is not trusted, or does not specify one. */
    Optional<ClientAddress> beyond(ClientAddress proxy, Headers headers) {
        return trustedHeader(proxy.address(), headers).map(header -> farthest(headers, header).orElse(proxy));
    }

    /** As {@link #beyond}, for a proxy that has connected to a Unix domain socket. */
    Optional<ClientAddress> beyondUnixSocket(Headers headers) {
        return trustedHeader(UNIX_SOCKET, headers).flatMap(header -> farthest(headers, header));
    }

    /** Whether proxies that connect to a Unix domain socket are trusted. */
    boolean trustsUnixSocket() {
        return trustedHeader(UNIX_SOCKET, ANY).isPresent();
    }

    /** The first address that is not trusted, or the last one that is. */
    private Optional<ClientAddress> farthest(Headers headers, HeaderName header) {
        List<String> hops = hops(headers, header);
        Optional<ClientAddress> farthest = Optional.empty();
        for (String hop : hops.subList(0, Math.min(MAX_HOPS, hops.size()))) {
            Optional<ClientAddress> address = AddressLiteral.parse(hop);
            if (address.isEmpty()) {
                break;
            }
            farthest = address;
            if (trustedHeader(address.get().address(), headers).isEmpty()) {
                break;
            }
        }
        return farthest;
    }

    private static List<String> hops(Headers headers, HeaderName header) {
        List<String> values = headers.contains(header) ? headers.get(header).allValues() : List.of();
        return header == HeaderNames.FORWARDED ? ForwardedFor.of(values) : ForwardedFor.ofPlain(values);
    }

    /** The header of a request that is trusted if it comes from the given address. */
    private Optional<HeaderName> trustedHeader(InetAddress address, Headers headers) {
        return trustedHeader(new InetSocketAddress(address, 0), address.getHostAddress(), headers);
    }

    /**
     * The header of a request that is trusted if it comes from a socket of that name. Helidon 4.5.0 trusts internet addresses
     * only ({@code RequestedUriDiscoveryContext.uriInfo}). Any name can stand for such an address: it is compared as a string.
     */
    private Optional<HeaderName> trustedHeader(String name, Headers headers) {
        return trustedHeader(InetSocketAddress.createUnresolved(name, 0), name, headers);
    }

    private Optional<HeaderName> trustedHeader(InetSocketAddress from, String proxy, Headers headers) {
        return switch (discovery.uriInfo(from, null, "/", syntheticRequest(proxy, headers), UriQuery.empty(), false).host()) {
        case FORWARDED -> Optional.of(HeaderNames.FORWARDED);
        case X_FORWARDED -> Optional.of(HeaderNames.X_FORWARDED_FOR);
        default -> Optional.empty();
        };
    }

    /**
     * Creates the synthetic request for a real one with the given headers. Helidon 4.5.0 trusts X-Forwarded-Host only if
     * X-Forwarded-For contains a trusted proxy after the client ({@code RequestedUriDiscoveryContext}, {@code
     * discoverUsingXForwarded}).
     */
    private static ServerRequestHeaders syntheticRequest(String proxy, Headers headers) {
        WritableHeaders<?> synthetic = WritableHeaders.create().set(HeaderNames.HOST, "host.invalid");
        if (headers.contains(HeaderNames.FORWARDED)) {
            synthetic.set(HeaderNames.FORWARDED, "for=unknown;host=" + FORWARDED);
        }
        if (headers.contains(HeaderNames.X_FORWARDED_FOR)) {
            synthetic.set(HeaderNames.X_FORWARDED_FOR, "unknown", proxy).set(HeaderNames.X_FORWARDED_HOST, X_FORWARDED);
        }
        return ServerRequestHeaders.create(synthetic);
    }
}

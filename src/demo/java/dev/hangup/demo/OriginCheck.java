package dev.hangup.demo;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.helidon.config.Config;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;

/**
 * Refuses, with 403, requests that a browser sends on behalf of another site. The demo authenticates nobody, and the browser of
 * its user can reach it. Any page in that browser could therefore start work with an image. A page whose name is rebound to
 * this server's address (DNS rebinding) could also read the responses.
 * <p>
 * {@code Host} must be a name of this server: {@code localhost}, {@code 127.0.0.1}, {@code [::1]}, the {@code server.host} of
 * its configuration or the very address that the connection has come to, each with the server's own port or none, or one of
 * {@code allowed-hosts}. {@code Origin}, if present, must name the same host and port. {@code Sec-Fetch-Site}, if present, must
 * say that the request comes from a page of this server or from its user. Clients other than browsers send neither.
 * <p>
 * Browsers send {@code Sec-Fetch-Site} over TLS and to loopback addresses only. On other addresses in clear text, an image on
 * another site's page looks like a request of a command-line client, and is not refused.
 */
final class OriginCheck {
    private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final Set<String> OWN_PAGES = Set.of("same-origin", "none");
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.]{2,45}]|[^\\[\\]:]+)(?::(\\d{1,5}))?");
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    /** Text that the JDK takes for an address; it looks up any other, such as 256.1.1.1, as a name. */
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern ORIGIN = Pattern.compile("https?://(.+)");
    private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0", "[::]", "[0:0:0:0:0:0:0:0]");

    private final Set<String> names = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    /** The path of the observe feature. */
    private final String observer;
    /** The allowed hosts with their ports, as browsers send them. */
    private final Set<String> allowed = new HashSet<>();

    /**
     * @param config the demo's configuration, with {@code server.host}, {@code allowed-hosts} and the observer's endpoint
     */
    OriginCheck(Config config) {
        observer = config.get("server.features.observe.endpoint").asString().orElse("/observe");
        config.get("server.host").asString().map(OriginCheck::name).filter(it -> !ANY_ADDRESS.contains(it))
                .ifPresent(names::add);
        config.get("allowed-hosts").asList(String.class).orElse(List.of())
                .forEach(it -> allowed.add(it.strip().toLowerCase(Locale.ROOT)));
    }

    /**
     * Guards the observer's endpoints on this routing, which match after it: metrics and requests in flight. Probes of health call
     * the server by any name, or by none, and pass.
     */
    void guardObserver(HttpRules routing) {
        Handler guard = before((request, response) -> response.next());
        routing.any(observer + "/*", (request, response) -> {
            String path = request.path().path();
            if (path.equals(observer + "/health") || path.startsWith(observer + "/health/")) {
                response.next();
            } else {
                guard.handle(request, response);
            }
        });
    }

    /** Returns a handler that delegates only requests that pass the check. */
    Handler before(Handler handler) {
        return (request, response) -> {
            ensureOwn(request);
            handler.handle(request, response);
        };
    }

    private void ensureOwn(ServerRequest request) {
        ServerRequestHeaders headers = request.headers();
        String host = only(headers, HeaderNames.HOST).toLowerCase(Locale.ROOT);
        if (!isOwn(host, request)) {
            throw refused("The server does not go by this name; allowed-hosts in its configuration adds names");
        }
        if (headers.contains(HeaderNames.ORIGIN)) {
            Matcher origin = ORIGIN.matcher(only(headers, HeaderNames.ORIGIN).toLowerCase(Locale.ROOT));
            if (!origin.matches() || !origin.group(1).equals(host)) {
                throw refused("Pages of another origin may not ask for this");
            }
        }
        if (headers.contains(SEC_FETCH_SITE) && !OWN_PAGES.contains(only(headers, SEC_FETCH_SITE))) {
            throw refused("Pages of another site may not ask for this");
        }
    }

    private boolean isOwn(String host, ServerRequest request) {
        if (allowed.contains(host)) {
            return true;
        }
        Matcher parts = HOST.matcher(host);
        return parts.matches()
                && (parts.group(2) == null || Integer.parseInt(parts.group(2)) == request.localPeer().port())
                && (names.contains(parts.group(1)) || isLocalAddress(parts.group(1), request));
    }

    /** Returns whether the name is the literal local address of the connection; no DNS name can look like one. */
    private static boolean isLocalAddress(String name, ServerRequest request) {
        if (!name.startsWith("[") && !IPV4.matcher(name).matches()) {
            return false;
        }
        try {
            // a literal: no DNS lookup
            return request.localPeer().address() instanceof InetSocketAddress local
                    && InetAddress.getByName(name).equals(local.getAddress());
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Formats an address as in a {@code Host} header. */
    private static String name(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.indexOf(':') >= 0 && !name.startsWith("[") ? "[" + name + "]" : name;
    }

    /** Returns the value of a header that is present exactly once; empty otherwise. */
    private static String only(ServerRequestHeaders headers, HeaderName name) {
        List<String> values = headers.contains(name) ? headers.get(name).allValues() : List.of();
        return values.size() == 1 ? values.getFirst().strip() : "";
    }

    private static HttpException refused(String reason) {
        return new HttpException(reason, Status.FORBIDDEN_403, true);
    }
}

package dev.hangup.proxies;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A proxy with its file, or with a change of it: a row of the table for each protocol that it accepts.
 *
 * @param name   as in the table
 * @param server the version that it speaks to the server, as in the table
 * @param http2  whether its clients may speak HTTP/2
 * @param change what is changed in its file
 */
record Setup(Proxy proxy, String name, String server, boolean http2, UnaryOperator<String> change) {
    /** All that the table has. */
    static Stream<Setup> all() {
        return Stream.of(
                new Setup(Proxy.NGINX, "nginx 1.22", "1.1", true, UnaryOperator.identity()),
                new Setup(Proxy.NGINX, "nginx, with its default version", "1.0", false,
                          replacing("        proxy_http_version 1.1;\n        proxy_set_header Connection \"\";\n", "")),
                new Setup(Proxy.NGINX, "nginx, with its default buffers", "1.1", true,
                          replacing("        proxy_request_buffering off;\n        proxy_buffering off;\n", "")),
                new Setup(Proxy.NGINX, "nginx, `proxy_ignore_client_abort on`", "1.1", true,
                          replacing("proxy_read_timeout", "proxy_ignore_client_abort on;\n        proxy_read_timeout")),
                new Setup(Proxy.HAPROXY, "HAProxy 2.6", "1.1", true, UnaryOperator.identity()),
                new Setup(Proxy.HAPROXY, "HAProxy 2.6", "2", true, replacing("8080 check", "8080 check proto h2 check-proto h1")),
                new Setup(Proxy.HAPROXY, "HAProxy, without `abortonclose`", "1.1", true,
                          replacing("    option abortonclose\n", "")),
                new Setup(Proxy.CADDY, "Caddy 2.6", "1.1", true, UnaryOperator.identity()),
                new Setup(Proxy.CADDY, "Caddy 2.6", "2", true, replacing("http://127.0.0.1:8080\n}", "h2c://127.0.0.1:8080\n}")),
                new Setup(Proxy.CADDY, "Caddy, `flush_interval -1`", "1.1", true,
                          replacing("http://127.0.0.1:8080\n}", "http://127.0.0.1:8080 {\n\t\tflush_interval -1\n\t}\n}")),
                new Setup(Proxy.SQUID, "Squid 5.7", "1.1", false, UnaryOperator.identity()),
                new Setup(Proxy.APACHE, "Apache 2.4", "1.1", true, UnaryOperator.identity()),
                new Setup(Proxy.APACHE, "Apache 2.4", "2", true,
                          replacing("ProxyPass / http://127.0.0.1:8080/", "ProxyPass / h2c://127.0.0.1:8080/")),
                new Setup(Proxy.VARNISH, "Varnish 7.1", "1.1", true, UnaryOperator.identity()),
                new Setup(Proxy.VARNISH, "Varnish, `return (pipe)`", "1.1", false,
                          replacing("return (pass);", "return (pipe);")));
    }

    /** The versions that its clients may speak, as in the table. */
    List<String> clients() {
        return http2 ? List.of("1.1", "2") : List.of("1.1");
    }

    private static UnaryOperator<String> replacing(String text, String by) {
        return configuration -> {
            if (!configuration.contains(text)) {
                throw new AssertionError("There is no " + text);
            }
            return configuration.replace(text, by);
        };
    }

    @Override
    public String toString() {
        return name + ", HTTP/" + server + " to the server";
    }
}

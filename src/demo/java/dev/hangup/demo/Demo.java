package dev.hangup.demo;

import dev.hangup.Hangup;

import io.helidon.config.Config;
import io.helidon.logging.common.LogConfig;
import io.helidon.webserver.WebServer;

/**
 * The demo's server. {@link Main} is compiled without preview features, so this class must use none. On JDK 28, a descriptor
 * that names {@link java.util.Optional}, a value class there, seems to count as one.
 */
public final class Demo {
    private Demo() {
    }

    /**
     * Starts the server, or prints the reason for a failure in one line on standard error.
     *
     * @param args unused
     */
    public static void start(String[] args) {
        LogConfig.configureRuntime();
        StartFailure failure = StartFailure.listen();
        try {
            Config config = Settings.load();
            Routes routes = new Routes(config);
            WebServer server = server(config, routes).start();
            if (server.isRunning()) {
                LastLines.keep(server);
                // the launcher of several replicas says what they are for
                System.out.println(config.get("replica.name").asString().orElse("").isEmpty()
                                           ? welcome(server, routes.hasPage()) : "Hangup listens on " + address(server));
                return;
            }
        } catch (RuntimeException e) {
            failure.is(e);
        }
        System.err.println("Hangup cannot start: " + failure.reason());
        System.exit(1);
    }

    static WebServer server(Config config) {
        return server(config, new Routes(config));
    }

    private static WebServer server(Config config, Routes routes) {
        return WebServer.builder()
                .config(config.get("server"))
                .addFeature(Hangup.builder()
                                    .config(config.get("server.features.hangup"))
                                    .update(DecisionLog::listen)
                                    .update(routes::listen)
                                    .build())
                .routing(routes::mount)
                .update(OpenFiles::bound)
                .build();
    }

    /** Returns the host to show in URLs; a wildcard address is replaced, and another IPv6 address is put in brackets. */
    private static String host(String bound) {
        if (bound.equals("0.0.0.0") || bound.equals("::")) {
            return "localhost";
        }
        return bound.contains(":") && !bound.startsWith("[") ? "[" + bound + "]" : bound;
    }

    private static String address(WebServer server) {
        return (server.hasTls() ? "https" : "http") + "://" + host(server.prototype().host()) + ":" + server.port();
    }

    static String welcome(WebServer server, boolean hasPage) {
        return """

                Hangup listens on %1$s. Ask for something that takes a while, and hang up (Ctrl-C) before it is there:

                  curl %1$s/no-context      the server works on for nobody
                  curl %1$s/with-context    the work stops with you
                %2$s
                More kinds of work below both: /cpu, /loop, /query, /stream, /process, /isolated, /unresponsive, /coalesced
                and /relay.
                All take ?seconds=S (0 to 3600). Ctrl-C here stops the server.
                """.formatted(address(server),
                              hasPage ? "\nOr see it happen: open %s/ in a browser.\n".formatted(address(server)) : "");
    }
}

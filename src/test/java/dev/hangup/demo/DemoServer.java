package dev.hangup.demo;

import java.util.Map;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

/** The demo inside of a test's JVM, for tests in other packages. */
public final class DemoServer {
    private DemoServer() {
    }

    /** Starts it on a port of its own. */
    public static WebServer start(Map<String, String> config) {
        return Demo.server(Config.just(ConfigSources.create(Map.of("server.host", "127.0.0.1")), ConfigSources.create(config)))
                .start();
    }
}

package dev.hangup.parity;

import java.time.Duration;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.HangupPathConfig;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;

/** The ways in which the same routes can be run. */
enum Variant {
    /** Without Hangup. */
    PLAIN(false, false),
    /** Each handler made cancellable in code. */
    HANDLER(true, false),
    /** All paths covered by configuration, the code knows nothing of it. */
    PATHS(false, true),
    /** A cancellable handler on a path that is covered. */
    BOTH(true, true);

    private final boolean handlers;
    private final boolean paths;

    Variant(boolean handlers, boolean paths) {
        this.handlers = handlers;
        this.paths = paths;
    }

    Handler handler(Handler handler) {
        return handlers ? Hangup.cancellable(handler) : handler;
    }

    WebServer start(Consumer<WebServerConfig.Builder> server) {
        WebServerConfig.Builder builder = WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .update(server);
        if (this != PLAIN) {
            builder.addFeature(feature());
        }
        return builder.build().start();
    }

    /** Clients that are told that the connection ends do not close it, but see whether the server does. */
    private static HangupConfig.Builder hangup() {
        return Hangup.builder().lingeringClose(Duration.ofMillis(200));
    }

    private Hangup feature() {
        return paths
                ? hangup().addPath(HangupPathConfig.builder().path("/*").build()).build()
                : hangup().build();
    }
}

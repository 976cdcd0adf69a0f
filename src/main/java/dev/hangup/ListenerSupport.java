package dev.hangup;

import java.util.List;

import javax.net.ssl.SSLEngine;

import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.ListenerConfig;

/** Refuses what cannot work on a socket, rather than every request or, worse, some of the answers. */
final class ListenerSupport {
    private ListenerSupport() {
    }

    static void ensureWatchable(HangupConfig config, String socket, ListenerConfig listener) {
        if (config.watch()) {
            listener.tls().filter(Tls::enabled).ifPresent(tls -> ensureWatchable(config, socket, listener, tls));
        }
    }

    private static void ensureWatchable(HangupConfig config, String socket, ListenerConfig listener, Tls tls) {
        String otherwise = ", leave the socket out of server.features.hangup.sockets, or set"
                + " server.features.hangup.watch: false";
        // Helidon never closes these, and a close from our side would not end a read; client-auth means nothing there
        HangupConfigSupport.check("watch", listener.useNio(), "cannot be true on socket " + socket
                + ", which has TLS with use-nio: false: set use-nio: true and tls.manager.hangup.enabled: true" + otherwise);
        // Helidon's own writes from its reads, into the middle of an answer
        HangupConfigSupport.check("watch", FullDuplexTls.manages(tls), "cannot be true on socket " + socket
                + ", whose TLS cannot be read while it is written: set tls.manager.hangup.enabled: true" + otherwise);
        HangupConfigSupport.check("tolerate-half-close", !config.tolerateHalfClose() || onlyTls13(tls), "cannot be true on"
                + " socket " + socket + ", since TLS 1.2 ends both directions at once: set tls.protocols: [TLSv1.3], or leave"
                + " the socket out of server.features.hangup.sockets");
    }

    private static boolean onlyTls13(Tls tls) {
        SSLEngine engine = tls.newEngine();
        engine.setUseClientMode(false);
        return List.of(engine.getEnabledProtocols()).equals(List.of("TLSv1.3"));
    }
}

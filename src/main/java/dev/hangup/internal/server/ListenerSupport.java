package dev.hangup.internal.server;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.List;

import javax.net.ssl.SSLEngine;

import dev.hangup.HangupConfig;
import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.config.ConfigException;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;

/**
 * Rejects, at startup, configurations that cannot work on a socket. Otherwise every request, or even only some responses, would
 * fail.
 */
final class ListenerSupport {
    private static final String MANAGER_YAML = """
            manager:
              hangup:
                enabled: true
            """;
    private static final String MANAGER_CODE = "tls(dev.hangup.tls.FullDuplexTls.manage(tls));\n";
    private static final byte[] SIGNED = {1, 2, 3};

    private ListenerSupport() {
    }

    static void ensureWatchable(HangupConfig config, String socket, ListenerConfig listener) {
        if (config.watch()) {
            listener.tls().filter(Tls::enabled).ifPresent(tls -> ensureWatchable(config, socket, listener, tls));
        }
    }

    private static void ensureWatchable(HangupConfig config, String socket, ListenerConfig listener, Tls tls) {
        String otherwise = "leave the socket out of server.features.hangup.sockets, or set server.features.hangup.watch: false";
        // Helidon 4.5.0 never closes these sockets (ConnectionHandler.createByteSocket), and a close by Hangup would not end a
        // read; client-auth has no effect on them
        ConfigBounds.FEATURE.check("watch", listener.useNio(), "cannot be true on socket " + socket
                + ", which has TLS with use-nio: false: set use-nio: true, " + otherwise);
        // the reader of Helidon's own TLS (4.5.0, TlsNioSocket) may wait for its writer, and then does not notice a disconnect
        ConfigBounds.FEATURE.check("watch", FullDuplexTls.manages(tls), "cannot be true on socket " + socket
                + ", whose TLS cannot be read while it is written. In YAML, add below " + key(socket) + ":\n\n" + yaml(socket)
                + "\nIn code, where tls is what the socket has now:\n\n" + code(socket) + "\nOtherwise " + otherwise);
        ConfigBounds.FEATURE.check("tolerate-half-close", !config.tolerateHalfClose() || onlyTls13(tls), "cannot be true on"
                + " socket " + socket + ", since TLS 1.2 ends both directions at once: set tls.protocols: [TLSv1.3], or leave"
                + " the socket out of server.features.hangup.sockets");
        ensureKey(socket, tls.prototype());
    }

    /** The indentation of YAML below the key, two spaces a level: a named socket is an element of a list. */
    private static String yaml(String socket) {
        return MANAGER_YAML.indent(isDefault(socket) ? 4 : 8);
    }

    private static String code(String socket) {
        return (isDefault(socket) ? "server." : "listener.") + MANAGER_CODE;
    }

    private static String key(String socket) {
        return isDefault(socket) ? "server.tls" : "server.sockets." + socket + ".tls";
    }

    /**
     * Ensures that the private key belongs to the certificate. Otherwise Helidon 4.5.0 starts ({@code
     * ConfiguredTlsManager.init}), but each handshake fails without a log message.
     */
    private static void ensureKey(String socket, TlsConfig tls) {
        if (tls.sslContext().isEmpty() && tls.manager().keyManager().isEmpty()) {
            throw new ConfigException(key(socket) + ".private-key has no key that can be used: with pem, set key and"
                    + " cert-chain; with keystore, set key.alias to the key's alias, which is otherwise taken to be 1, and"
                    + " key.passphrase where it differs from the keystore's");
        }
        if (tls.sslContext().isEmpty() && tls.privateKey().isPresent()
                && !belongs(tls.privateKey().get(), tls.privateKeyCertChain().getFirst().getPublicKey())) {
            throw new ConfigException(key(socket) + ".private-key has a key that does not belong to its certificate");
        }
    }

    /** Whether the keys are a pair; true if that cannot be determined. */
    private static boolean belongs(PrivateKey key, PublicKey certified) {
        Signature signature;
        byte[] signed;
        try {
            signature = Signature.getInstance(switch (key.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> key.getAlgorithm();
            });
            signature.initSign(key);
            signature.update(SIGNED);
            signed = signature.sign();
        } catch (GeneralSecurityException e) {
            return true;
        }
        try {
            signature.initVerify(certified);
            signature.update(SIGNED);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // a key of another kind
            return false;
        }
    }

    private static boolean isDefault(String socket) {
        return WebServer.DEFAULT_SOCKET_NAME.equals(socket);
    }

    private static boolean onlyTls13(Tls tls) {
        SSLEngine engine = tls.newEngine();
        engine.setUseClientMode(false);
        return List.of(engine.getEnabledProtocols()).equals(List.of("TLSv1.3"));
    }
}

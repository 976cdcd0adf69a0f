package dev.hangup.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A key pair that is made for the tests and gone with them, in a context for servers and for clients. */
final class Certificate {
    private static final SSLContext CONTEXT = context();

    private Certificate() {
    }

    static SSLContext tls() {
        return CONTEXT;
    }

    private static SSLContext context() {
        try {
            Path folder = Files.createTempDirectory("hangup-tls");
            Path file = folder.resolve("keys.p12");
            KeyStore keys = Keytool.generateTrusted(file, "test", "localhost");
            Files.delete(file);
            Files.delete(folder);
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, Keytool.PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), new TrustManager[] {new Trusting()}, null);
            return context;
        } catch (Exception e) {
            throw new IllegalStateException("No TLS for the tests", e);
        }
    }
}

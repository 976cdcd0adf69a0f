package dev.hangup.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key pair that is made for the tests and gone with them, in a context that both serves and trusts it. */
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
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(keys);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new IllegalStateException("No TLS for the tests", e);
        }
    }
}

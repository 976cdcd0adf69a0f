package dev.hangup.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key pair that is made for the tests and gone with them, in a context that both serves and trusts it. */
final class Certificate {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final SSLContext CONTEXT = context();

    private Certificate() {
    }

    static SSLContext tls() {
        return CONTEXT;
    }

    private static SSLContext context() {
        try {
            KeyStore keys = generate();
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, PASSWORD);
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(keys);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("No TLS for the tests", e);
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while keytool runs", e);
        }
    }

    private static KeyStore generate() throws IOException, InterruptedException, GeneralSecurityException {
        Path folder = Files.createTempDirectory("hangup-tls");
        Path file = folder.resolve("keys.p12");
        try {
            Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                                                 "-genkeypair", "-alias", "test", "-keyalg", "EC", "-dname", "CN=localhost",
                                                 "-storetype", "PKCS12", "-storepass", new String(PASSWORD),
                                                 "-keystore", file.toString())
                    .inheritIO()
                    .start();
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + keytool.exitValue());
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream stored = Files.newInputStream(file)) {
                keys.load(stored, PASSWORD);
            }
            // a key entry is not trusted, its certificate by itself is
            keys.setCertificateEntry("trusted", keys.getCertificate("test"));
            return keys;
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }
}

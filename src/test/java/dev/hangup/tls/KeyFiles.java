package dev.hangup.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import dev.hangup.testing.Keytool;

/**
 * Keystores of the tests, made by keytool in a folder that goes with the test.
 *
 * @param folder where they are
 */
public record KeyFiles(Path folder) {
    /** Of the keystores and of what is in them. */
    public static final String PASSWORD = Keytool.PASSWORD;

    /** A keystore with a key pair, whose certificate bears a name. */
    public Path pair(String alias, String name) {
        Path file = folder.resolve(name + "-" + alias + ".p12");
        Keytool.generate(file, alias, name);
        return file;
    }

    /** A keystore with the certificates of others, and no key. */
    Path certificates(Path... of) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        int count = 0;
        for (Path file : of) {
            KeyStore keys = load(file);
            trusted.setCertificateEntry(String.valueOf(++count), keys.getCertificate(keys.aliases().nextElement()));
        }
        Path file = folder.resolve("certificates-" + count + ".p12");
        try (OutputStream stream = Files.newOutputStream(file)) {
            trusted.store(stream, PASSWORD.toCharArray());
        }
        return file;
    }

    /** A client's context, which trusts the certificates of one keystore and has the keys of another, if any. */
    static SSLContext client(Path trusted, Path own) throws IOException, GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(load(trusted));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own == null ? null : load(own), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    public static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(file)) {
            keys.load(stored, PASSWORD.toCharArray());
        }
        return keys;
    }
}

package dev.hangup.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;

/**
 * The key of a cluster that exists for one run of the demo, in a file that only this user can read. The file is deleted once all
 * members have read it, or with this JVM.
 */
record ClusterKey(Path keystore) implements AutoCloseable {
    private static final String PASSPHRASE = "changeit";
    private static final String ALIAS = "member";

    static ClusterKey generate() throws IOException, InterruptedException, GeneralSecurityException {
        Path keystore = Files.createTempDirectory("hangup-cluster").resolve("keys.p12");
        // deleted in reverse order
        keystore.getParent().toFile().deleteOnExit();
        keystore.toFile().deleteOnExit();
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                                             "-J-XX:TieredStopAtLevel=1", "-genkeypair", "-alias", ALIAS, "-keyalg", "EC",
                                             "-dname", "CN=cluster", "-storetype", "PKCS12", "-storepass", PASSPHRASE,
                                             "-keystore", keystore.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes());
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool has ended with exit code " + keytool.exitValue() + ": " + said.strip());
        }
        // as with keytool -exportcert and -importcert: the certificate of an entry with a key is not trusted by itself
        KeyStore keys = KeyStore.getInstance(keystore.toFile(), PASSPHRASE.toCharArray());
        keys.setCertificateEntry("trusted", keys.getCertificate(ALIAS));
        try (OutputStream output = Files.newOutputStream(keystore)) {
            keys.store(output, PASSPHRASE.toCharArray());
        }
        return new ClusterKey(keystore);
    }

    /** Returns the configuration of a member's TLS, as system properties. */
    List<String> options(String node) {
        return List.of("-D" + node + ".private-key.keystore.resource.path=" + keystore,
                       "-D" + node + ".private-key.keystore.passphrase=" + PASSPHRASE,
                       "-D" + node + ".private-key.keystore.key.alias=" + ALIAS,
                       "-D" + node + ".trust.keystore.resource.path=" + keystore,
                       "-D" + node + ".trust.keystore.passphrase=" + PASSPHRASE,
                       "-D" + node + ".trust.keystore.trust-store=true");
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(keystore);
        Files.deleteIfExists(keystore.getParent());
    }
}

package dev.hangup.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK's keytool. It runs in this JVM, since a process of its own takes most of a second, if
 * {@code --add-exports java.base/sun.security.tools.keytool=ALL-UNNAMED} is on the JVM's command line, as it is for tests.
 * There, it ends the JVM if it fails. It prints nothing on standard output, which some of the programs of tests and benchmarks
 * read.
 */
public final class Keytool {
    /** Of the keystores and of what is in them. */
    public static final String PASSWORD = "changeit";

    private Keytool() {
    }

    /**
     * Adds a key pair with a self-signed certificate to a keystore, which is made if there is none.
     *
     * @param keystore the file, of type PKCS12
     * @param alias    of the key pair
     * @param name     that the certificate bears
     */
    public static void generate(Path keystore, String alias, String name) {
        String[] arguments = {"-genkeypair", "-alias", alias, "-keyalg", "EC", "-groupname", "secp256r1",
                "-dname", "CN=" + name, "-ext", "san=dns:localhost", "-storetype", "PKCS12", "-storepass", PASSWORD,
                "-keystore", keystore.toString()};
        try {
            Method main = Class.forName("sun.security.tools.keytool.Main").getMethod("main", String[].class);
            main.invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("keytool failed: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            runProcess(arguments);
        }
    }

    private static void runProcess(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("Interrupted while keytool runs", e);
        }
    }

    /** Makes a keystore of a key pair whose certificate it trusts: that of a key pair is not trusted by itself. */
    public static KeyStore generateTrusted(Path keystore, String alias, String name) throws Exception {
        generate(keystore, alias, name);
        KeyStore keys = KeyStore.getInstance(keystore.toFile(), PASSWORD.toCharArray());
        keys.setCertificateEntry("trusted", keys.getCertificate(alias));
        try (OutputStream output = Files.newOutputStream(keystore)) {
            keys.store(output, PASSWORD.toCharArray());
        }
        return keys;
    }
}

package dev.hangup.tls;

import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.common.tls.TlsConfig;
import io.helidon.common.tls.TlsManager;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A server whose TLS has no key that can be used does not start; one whose TLS cannot be watched says what to add. */
class ListenerKeyTest {
    private static final String MANAGER = "manager.hangup.enabled: true\n";
    private static final String YAML_BEGIN = "tls:\n\n";
    private static final String YAML_END = "\nIn code";

    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

    @TempDir
    private static Path folder;
    private static KeyFiles files;
    /** With the alias that Helidon looks for if none is given. */
    private static Path standard;
    private static Path other;

    @BeforeAll
    static void generate() throws Exception {
        files = new KeyFiles(folder);
        standard = files.pair("1", "standard");
        other = files.pair("other", "other");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void linesOfTheRefusalCanBePasted(boolean named) throws Exception {
        String tls = keystore(standard, "");
        String without = named
                ? "server:\n  sockets:\n    - name: \"admin\"\n      tls:\n" + tls.indent(8)
                : "server:\n  tls:\n" + tls.indent(4);
        String message = refusal(without);
        String added = message.substring(message.indexOf(YAML_BEGIN) + YAML_BEGIN.length(), message.indexOf(YAML_END));
        assertTrue(message.contains(".tls(dev.hangup.tls.FullDuplexTls.manage(tls));\n"), message);
        WebServer server = builder(without.replace("tls:\n", "tls:\n" + added))
                .update(it -> {
                    HttpRouting.Builder routing = HttpRouting.builder().get("/number", Hangup.cancellable(request -> "42"));
                    if (named) {
                        it.routing("admin", routing);
                    } else {
                        it.routing(routing);
                    }
                })
                .build()
                .start();
        try {
            int port = named ? server.port("admin") : server.port();
            try (RawClient client = RawClient.over(KeyFiles.client(files.certificates(standard), null).getSocketFactory()
                                                           .createSocket("localhost", port))) {
                assertEquals("42", client.get("/number").read().text());
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void keyOfAnotherAliasIsNotFoundUnlessItIsGiven() {
        assertNoKey(keystore(other, ""));
        builder(server(keystore(other, "key.alias: other"))).build();
    }

    @Test
    void keyThatThePassphraseDoesNotOpenIsRefused() {
        assertNoKey(keystore(standard, "key.passphrase: another"));
    }

    @Test
    void keystoreWithCertificatesAloneIsRefused() throws Exception {
        assertNoKey(keystore(files.certificates(standard), ""));
    }

    @Test
    void emptyKeystoreIsRefused() throws Exception {
        assertNoKey(keystore(files.certificates(), ""));
    }

    @Test
    void noKeyAtAllIsRefused() {
        assertNoKey("");
    }

    /** A manager may keep its key to itself. */
    @Test
    void keyThatOnlyTheManagerOfTheApplicationKnowsIsUsed() {
        Tls tls = Tls.builder().manager(new OwnManager(Transport.trusting())).build();
        try (TestServer server = TestServer.start(config -> config.tls(FullDuplexTls.manage(tls)), hangup -> { },
                                                  routing -> routing.get("/number", Hangup.cancellable(request -> "42")));
                RawClient client = Transport.TLS_1_3.connect(server.port())) {
            assertEquals("42", client.get("/number").read().text());
        }
    }

    @Test
    void reloadIsLeftToTheManagerOfTheApplication() {
        Tls tls = Tls.builder().manager(new OwnManager(Transport.trusting())).build();
        assertThrows(UnsupportedOperationException.class, () -> FullDuplexTls.manage(tls).reload(tls));
    }

    @Test
    void keyOfAnotherCertificateIsRefused() throws Exception {
        KeyStore keys = KeyFiles.load(standard);
        String key = pem("PRIVATE KEY", keys.getKey("1", KeyFiles.PASSWORD.toCharArray()).getEncoded());
        String own = pem("CERTIFICATE", keys.getCertificate("1").getEncoded());
        String anothers = pem("CERTIFICATE", KeyFiles.load(other).getCertificate("other").getEncoded());
        builder(server(pair(key, own))).build();
        assertRefused("server.tls.private-key has a key that does not belong", server(pair(key, anothers)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void managerOfOneTlsDoesNotServeTheKeysOfAnother(boolean managed) throws Exception {
        TlsConfig.Builder builder = keys(standard, "1", managed);
        builder.build();
        IllegalStateException refusal = assertThrows(IllegalStateException.class,
                () -> keys(builder, other, "other").build());
        assertTrue(refusal.getMessage().startsWith("This manager belongs to another Tls"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void managerOfOneTlsDoesNotServeTheTrustOfAnother(boolean managed) throws Exception {
        TlsConfig.Builder builder = keys(standard, "1", managed);
        builder.build();
        X509Certificate otherClients = (X509Certificate) KeyFiles.load(other).getCertificate("other");
        assertThrows(IllegalStateException.class, () -> builder.trust(List.of(otherClients)).build());
        assertThrows(IllegalStateException.class, () -> builder.trust(List.of()).trustAll(true).build());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tlsCanBeBuiltAgainWithItsKeys(boolean managed) throws Exception {
        TlsConfig.Builder builder = keys(standard, "1", managed);
        Tls tls = builder.build();
        assertSame(tls.sslContext(), builder.build().sslContext());
        // with keys that were read once more, and another choice of what concerns neither keys nor trust
        assertSame(tls.sslContext(), keys(TlsConfig.builder(tls.prototype()), standard, "1")
                .clientAuth(TlsClientAuth.REQUIRED).build().sslContext());
    }

    private static TlsConfig.Builder keys(Path file, String alias, boolean managed) throws Exception {
        TlsConfig.Builder builder = keys(TlsConfig.builder(), file, alias);
        return managed
                ? TlsConfig.builder(FullDuplexTls.manage(builder.build()).prototype())
                : builder.manager(FullDuplexTls.create());
    }

    private static TlsConfig.Builder keys(TlsConfig.Builder builder, Path file, String alias) throws Exception {
        KeyStore keys = KeyFiles.load(file);
        return builder.privateKey((PrivateKey) keys.getKey(alias, KeyFiles.PASSWORD.toCharArray()))
                .privateKeyCertChain(List.of((X509Certificate) keys.getCertificate(alias)));
    }

    @Test
    void socketIsNamed() {
        assertRefused("server.sockets.admin.tls.private-key has no key",
                      "server:\n  sockets:\n    - name: admin\n      tls:\n" + MANAGER.indent(8));
    }

    @Test
    void helidonNamesTheAliasThatIsWrong() {
        String yaml = server(keystore(standard, "key.alias: wrong"));
        String message = assertThrows(RuntimeException.class, () -> builder(yaml).build()).getMessage();
        assertTrue(message.contains("wrong"), message);
    }

    private static void assertNoKey(String tls) {
        assertRefused("server.tls.private-key has no key", server(tls));
    }

    private static void assertRefused(String start, String yaml) {
        String message = refusal(yaml);
        assertTrue(message.startsWith(start), message);
    }

    private static String refusal(String yaml) {
        return assertThrows(ConfigException.class, () -> builder(yaml).build()).getMessage();
    }

    private static String server(String tls) {
        return "server:\n  tls:\n" + (MANAGER + tls).indent(4);
    }

    private static String keystore(Path file, String more) {
        return """
                private-key:
                  keystore:
                    passphrase: "%s"
                    resource.path: "%s"
                    %s
                """.formatted(KeyFiles.PASSWORD, file, more);
    }

    private static String pair(String key, String certificate) {
        return """
                private-key:
                  pem:
                    key.resource.content-plain: "%s"
                    cert-chain.resource.content-plain: "%s"
                """.formatted(key.replace("\n", "\\n"), certificate.replace("\n", "\\n"));
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, BASE64.encodeToString(content));
    }

    private static WebServerConfig.Builder builder(String yaml) {
        return WebServer.builder()
                .config(Config.just(ConfigSources.create(yaml, MediaTypes.APPLICATION_YAML)).get("server"))
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .addFeature(Hangup.create());
    }

    private record OwnManager(SSLContext sslContext) implements TlsManager {
        @Override
        public void init(TlsConfig config) {
            // its context is there already
        }

        @Override
        public void reload(Tls tls) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<X509KeyManager> keyManager() {
            return Optional.empty();
        }

        @Override
        public Optional<X509TrustManager> trustManager() {
            return Optional.empty();
        }

        @Override
        public String name() {
            return "own";
        }

        @Override
        public String type() {
            return "own";
        }
    }
}

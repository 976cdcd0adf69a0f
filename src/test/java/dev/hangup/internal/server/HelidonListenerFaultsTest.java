package dev.hangup.internal.server;

import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.internal.connection.WatchedSelector;
import dev.hangup.testing.Await;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;
import dev.hangup.testing.WorkedAroundBy;
import dev.hangup.tls.FullDuplexTls;
import dev.hangup.tls.KeyFiles;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Faults of Helidon 4.5.0 in listeners with TLS; each as long as it is there. */
class HelidonListenerFaultsTest {
    private static final char[] PASSWORD = KeyFiles.PASSWORD.toCharArray();
    private static final int STILL_OPEN_MILLIS = 200;

    @TempDir
    private static Path folder;
    private static KeyStore one;
    private static KeyStore two;

    @BeforeAll
    static void generate() throws Exception {
        KeyFiles files = new KeyFiles(folder);
        one = KeyFiles.load(files.pair("1", "one"));
        two = KeyFiles.load(files.pair("1", "two"));
    }

    /** Each handshake fails then. */
    @Test
    @WorkedAroundBy(value = ListenerSupport.class, members = "ensureKey")
    void keystoreWithoutAKeyIsNoErrorAtStart() throws Exception {
        KeyStore keys = empty();
        keys.setCertificateEntry("1", one.getCertificate("1"));
        assertStarts(keys);
    }

    @Test
    @WorkedAroundBy(value = ListenerSupport.class, members = "ensureKey")
    void keyOfAnotherCertificateIsNoErrorAtStart() throws Exception {
        KeyStore keys = empty();
        Key key = one.getKey("1", PASSWORD);
        keys.setKeyEntry("1", key, PASSWORD, new Certificate[] {two.getCertificate("1")});
        assertStarts(keys);
    }

    @Test
    @WorkedAroundBy(value = FullDuplexTls.class, members = "reload")
    void reloadOfNothingIsNoError() throws Exception {
        tls(one).reload(Tls.create(Config.empty()));
    }

    /** Its TLS has ended, and nobody closes what is below. */
    @Test
    @WorkedAroundBy(value = {ListenerSupport.class, WatchedSelector.class}, members = {"ensureWatchable", "connection"})
    void socketWithoutNioIsNotClosed() throws Exception {
        Tls tls = Tls.builder().sslContext(Transport.trusting()).build();
        try (PlainServer server = PlainServer.builder().server(it -> it.useNio(false).tls(tls)).start(routing -> routing
                .get("/", (request, response) -> {
                    throw new CloseConnectionException("The end");
                }));
                Socket tcp = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            RawClient client = Transport.TLS_1_3.over(tcp);
            assertEquals(0, client.get("/").readToEnd().length);
            tcp.setSoTimeout(STILL_OPEN_MILLIS);
            assertThrows(SocketTimeoutException.class, () -> tcp.getInputStream().read());
        }
    }

    /** As it does when there is no file descriptor for the next connection. Whoever was to be notified would be by now. */
    @Test
    @WorkedAroundBy(ListenerWatch.class)
    void listenerThatCannotAcceptEndsAndNobodyIsNotified() {
        Trail trail = new Trail();
        HttpFeature lifecycle = new HttpFeature() {
            @Override
            public void setup(HttpRouting.Builder routing) {
                // no routes
            }

            @Override
            public void afterStop() {
                trail.add("stopped");
            }
        };
        try (PlainServer server = PlainServer.builder().server(it -> it
                .putSocket("deaf", socket -> socket.shutdownGracePeriod(Duration.ZERO)
                        .routing(routing -> routing.addFeature(lifecycle)))).start(routing -> { })) {
            int port = server.server().port("deaf");
            Thread thread = ListenerWatchTest.end("deaf");
            Await.until("it waits for itself", () -> thread.getState() == Thread.State.WAITING
                    && Stream.of(thread.getStackTrace()).anyMatch(it -> it.getMethodName().equals("join")));
            assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
            assertTrue(server.server().isRunning());
            assertEquals(List.of(), trail.events());
        }
    }

    private static void assertStarts(KeyStore keys) throws Exception {
        Tls tls = tls(keys);
        try (PlainServer server = PlainServer.builder().server(it -> it.tls(tls)).start(routing -> { })) {
            assertTrue(server.server().isRunning());
        }
    }

    private static Tls tls(KeyStore keys) throws Exception {
        Path file = Files.createTempFile(folder, "server", ".p12");
        try (OutputStream stream = Files.newOutputStream(file)) {
            keys.store(stream, PASSWORD);
        }
        return Tls.create(Config.just(ConfigSources.create("""
                private-key:
                  keystore:
                    passphrase: "%s"
                    resource.path: "%s"
                """.formatted(KeyFiles.PASSWORD, file), MediaTypes.APPLICATION_YAML)));
    }

    private static KeyStore empty() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, PASSWORD);
        return keys;
    }
}

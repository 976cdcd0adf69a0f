package dev.hangup.tls;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.Principal;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Keys of clients and keys that are reloaded work on watched sockets as on Helidon's, and the clients are watched. */
class MutualTlsTest {
    @TempDir
    private static Path folder;
    private static Path first;
    private static Path second;
    private static Path servers;
    private static Path alice;
    private static Path mallory;
    private static Path clients;

    private final Trail trail = new Trail();

    @BeforeAll
    static void generate() throws Exception {
        KeyFiles files = new KeyFiles(folder);
        first = files.pair("1", "first");
        second = files.pair("1", "second");
        servers = files.certificates(first, second);
        alice = files.pair("1", "alice");
        mallory = files.pair("1", "mallory");
        clients = files.certificates(alice);
    }

    @ParameterizedTest
    @CsvSource({"NAMED, TLSv1.2, HTTP_1_1", "NAMED, TLSv1.3, HTTP_1_1", "NAMED, TLSv1.3, HTTP_2",
            "MANAGED, TLSv1.2, HTTP_1_1", "MANAGED, TLSv1.3, HTTP_1_1", "MANAGED, TLSv1.3, HTTP_2"})
    void handlerSeesTheClientsCertificate(ListenerTls way, String protocol, HttpClient.Version version) throws Exception {
        try (TestServer server = start(way.create(mutual(first)));
                HttpClient client = client(KeyFiles.client(servers, alice), protocol, version)) {
            assertEquals("CN=alice CN=alice", get(client, server));
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @CsvSource({"NAMED, TLSv1.2", "NAMED, TLSv1.3", "MANAGED, TLSv1.2", "MANAGED, TLSv1.3"})
    void clientsWithoutATrustedCertificateReachNoHandler(ListenerTls way, String protocol) throws Exception {
        try (TestServer server = start(way.create(mutual(first)))) {
            for (Path own : new Path[] {null, mallory}) {
                try (HttpClient client = client(KeyFiles.client(servers, own), protocol, HttpClient.Version.HTTP_1_1)) {
                    assertThrows(IOException.class, () -> get(client, server));
                }
            }
            assertEquals(0, server.endsLeft());
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientWithACertificateIsSeenToLeave(ListenerTls way) throws Exception {
        try (TestServer server = start(way.create(mutual(first))); RawClient client = connect(server, alice)) {
            client.get("/work");
            trail.await("started");
            client.leave();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @CsvSource({"NAMED, NAMED", "NAMED, MANAGED", "MANAGED, NAMED", "MANAGED, MANAGED"})
    void reloadedKeyIsForNewConnectionsWhichAreWatchedToo(ListenerTls way, ListenerTls reloaded) throws Exception {
        try (TestServer server = start(way.create(mutual(first))); RawClient before = connect(server, alice)) {
            assertEquals("CN=first", serverOf(before));
            server.server().reloadTls(reloaded.create(mutual(second)));
            try (RawClient after = connect(server, alice)) {
                assertEquals("CN=second", serverOf(after));
                after.get("/work");
                trail.await("started");
                after.leave();
                trail.await("interrupted");
            }
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertEquals("CN=alice CN=alice", before.get("/peer").read().text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void keyOfHelidonsTlsReloadsAWatchedSocket(ListenerTls way) throws Exception {
        try (TestServer server = start(way.create(mutual(first)))) {
            server.server().reloadTls(Tls.create(mutual(second)));
            try (RawClient client = connect(server, alice)) {
                assertEquals("CN=second", serverOf(client));
                assertEquals("CN=alice CN=alice", client.get("/peer").read().text());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void reloadOfNothingIsRefusedAndChangesNothing(ListenerTls way) throws Exception {
        Tls nothing = Tls.create(Config.empty());
        try (TestServer server = start(way.create(mutual(first)))) {
            assertThrows(IllegalArgumentException.class, () -> server.server().reloadTls(nothing));
            try (RawClient client = connect(server, alice)) {
                assertEquals("CN=first", serverOf(client));
            }
        }
    }

    private static Config mutual(Path key) {
        return Config.just(ConfigSources.create("""
                client-auth: REQUIRED
                private-key:
                  keystore:
                    passphrase: "%1$s"
                    resource.path: "%2$s"
                trust:
                  keystore:
                    passphrase: "%1$s"
                    trust-store: true
                    resource.path: "%3$s"
                """.formatted(KeyFiles.PASSWORD, key, clients), MediaTypes.APPLICATION_YAML));
    }

    private TestServer start(Tls tls) {
        return TestServer.start(server -> server.tls(tls), hangup -> { }, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/peer", Hangup.cancellable(MutualTlsTest::peer))
                .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }

    private static String peer(ServerRequest request) {
        return request.remotePeer().tlsPrincipal().map(Principal::getName).orElse("nobody") + " "
                + request.remotePeer().tlsCertificates()
                .map(it -> ((X509Certificate) it[0]).getSubjectX500Principal().getName())
                .orElse("nobody");
    }

    private static HttpClient client(SSLContext context, String protocol, HttpClient.Version version) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {protocol});
        return HttpClient.newBuilder().sslContext(context).sslParameters(parameters).version(version).build();
    }

    private static String get(HttpClient client, TestServer server) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/peer")).build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    private static RawClient connect(TestServer server, Path own) throws Exception {
        return RawClient.over(KeyFiles.client(servers, own).getSocketFactory().createSocket("localhost", server.port()));
    }

    private static String serverOf(RawClient client) throws IOException {
        return ((SSLSocket) client.socket()).getSession().getPeerPrincipal().getName();
    }
}

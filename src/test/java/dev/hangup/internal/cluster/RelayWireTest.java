package dev.hangup.internal.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

import dev.hangup.Deadline;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.cluster.RelayedFailureException;
import dev.hangup.testing.Await;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.config.Config;
import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.InternalServerException;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.http.UnauthorizedException;
import io.helidon.http.encoding.ContentEncoding;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.encoding.spi.ContentEncodingProvider;
import io.helidon.webclient.api.ClientUri;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a member that relays a request makes of what comes back. */
class RelayWireTest {
    private static final RelayResponse.Failure OVERLOAD = new RelayResponse.Failure(
            HttpException.class.getName(), 503, Optional.of("Too much work"), Map.of("Retry-After", List.of("7")));
    /** What a computation may throw, and the class of it that error handlers of other members get. */
    private static final Map<Throwable, Class<?>> THROWN = Map.of(
            new NotFoundException("no such text"), NotFoundException.class,
            new BadRequestException("a bad one"), BadRequestException.class,
            new ForbiddenException("not you"), ForbiddenException.class,
            new UnauthorizedException("who?"), UnauthorizedException.class,
            new InternalServerException("broken", new IOException()), InternalServerException.class,
            new NotFoundException("of the application") { }, NotFoundException.class,
            new HttpException("teapot", Status.create(418)) { }, HttpException.class,
            new HttpException(null, Status.CONFLICT_409), HttpException.class,
            new IOException("disk"), RelayedFailureException.class,
            new IOException(), RelayedFailureException.class);
    private static final List<Throwable> EXCEPTIONS = List.copyOf(THROWN.keySet());
    private static final Header COOKIES = HeaderValues.create("Set-Cookie", "a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "b=2");
    private static final byte[] NO_BYTES = {};
    private static final int LENGTH = 2 * RelayWire.MAX_BYTES;
    private static WebServer member;
    private static Tls clientTls;
    private static RelayWire wire;

    @BeforeAll
    static void start() throws Exception {
        Tls tls = ClusterKeys.generate().tls();
        member = WebServer.builder()
                .host("127.0.0.1")
                .tls(tls)
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .routing(routing -> routing
                        .post("/overload/1", (request, response) -> RelayWire.send(OVERLOAD, response))
                        .post("/silent/1", (request, response) ->
                                RelayWire.send(RelayResponse.Failure.of(new NotFoundException("")), response))
                        .post("/thrown/1", (request, response) -> RelayWire.send(
                                RelayResponse.Failure.of(EXCEPTIONS.get(request.content().as(byte[].class)[0])), response))
                        .post("/cookies/1", (request, response) -> RelayWire.send(RelayResponse.Failure.of(
                                new HttpException("stale", Status.CONFLICT_409).header(COOKIES)), response))
                        .post("/age/1", (request, response) -> RelayWire.send(new RelayResponse.Result(
                                RelayResponse.Kind.NOTHING, NO_BYTES, RelayResponse.Source.HIT, Duration.ofMillis(-1)), response))
                        .post("/large/1", (request, response) -> RelayWire.send(new RelayResponse.Result(
                                RelayResponse.Kind.VALUE, new byte[LENGTH], RelayResponse.Source.MISS, Duration.ZERO), response))
                        .post("/chunks/1", (request, response) -> sendWithoutBound(response))
                        .post("/length/1", (request, response) -> {
                            response.contentLength(LENGTH);
                            sendWithoutBound(response);
                        })
                        .post("/compressed/1", (request, response) -> response.header("Hangup-Response", "VALUE")
                                .header("Hangup-Source", "MISS").header("Hangup-Age-Ms", "0")
                                .header("Content-Encoding", "gzip").send(compressed()))
                        .post("/kind/1", (request, response) -> RelayWire.send(
                                withoutBytes(RelayResponse.Kind.values()[request.content().as(byte[].class)[0]]), response))
                        .post("/shutdown/1", (request, response) -> response.status(Status.SERVICE_UNAVAILABLE_503)
                                .send("The server is stopping"))
                        .put("/shutdown/1", (request, response) -> response.status(Status.SERVICE_UNAVAILABLE_503).send()))
                .build()
                .start();
        SSLParameters parameters = tls.sslParameters();
        parameters.setEndpointIdentificationAlgorithm("");
        clientTls = TlsConfig.builder(tls.prototype()).sslParameters(parameters).build();
        wire = new RelayWire(clientTls, Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        member.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://[::1]:7801/", "https://member_1:7801/"})
    @WorkedAroundBy(value = RelayWire.class, members = "uri")
    void textOfAUriIsTakenForLocalhost(String text) {
        ClientUri uri = WebClient.create().get(text).resolvedUri();
        assertEquals("localhost", uri.host());
        assertEquals(443, uri.port());
    }

    @Test
    void overloadOfTheOwnerIsItsResponse() {
        assertEquals(Optional.of(OVERLOAD), call("overload"));
    }

    /** {@code null}, an empty {@code Optional}, and a value such as an empty text. */
    @ParameterizedTest
    @EnumSource(RelayResponse.Kind.class)
    void resultMayHaveNoBytes(RelayResponse.Kind kind) {
        RelayResponse.Result result = (RelayResponse.Result) call("kind", kind.ordinal()).orElseThrow();
        assertEquals(kind, result.kind());
        assertArrayEquals(NO_BYTES, result.value());
    }

    @Test
    void failureMayHaveNoMessage() {
        assertEquals("", exception("silent", 0).getMessage());
    }

    /** An error handler may be for a class. */
    @Test
    void exceptionsOfHelidonKeepTheirClass() {
        for (int i = 0; i < EXCEPTIONS.size(); i++) {
            Throwable thrown = EXCEPTIONS.get(i);
            RuntimeException exception = exception("thrown", i);
            assertEquals(THROWN.get(thrown), exception.getClass(), thrown::toString);
            if (thrown instanceof HttpException http) {
                assertEquals(thrown.getMessage(), exception.getMessage());
                assertEquals(http.status(), ((HttpException) exception).status());
            } else {
                assertEquals(thrown.toString(), exception.getMessage());
            }
        }
    }

    /** A member that lies cannot have any other class be created. */
    @Test
    void nameOfAnotherClassIsOnlyAText() {
        String other = IllegalStateException.class.getName();
        RelayResponse.Failure failure = new RelayResponse.Failure(other, 500, Optional.empty(), Map.of());
        assertEquals(RelayedFailureException.class, failure.exception().getClass());
    }

    @Test
    void headerOfAnExceptionKeepsItsValues() {
        HttpException exception = (HttpException) exception("cookies", 0);
        assertEquals(COOKIES.allValues(), exception.headers().get(HeaderNames.SET_COOKIE).allValues());
    }

    @Test
    void negativeAgeIsNoResponse() {
        RuntimeException refused = assertThrows(IllegalArgumentException.class, () -> call("age"));
        assertTrue(refused.getMessage().contains("age"), refused.getMessage());
    }

    @Test
    void resultThatIsTooLargeIsNotSent() {
        assertEquals(Optional.of(new RelayResponse.Unsendable()), call("large"));
    }

    /** A member that lies: what it sends is not read without bound. */
    @ParameterizedTest
    @ValueSource(strings = {"chunks", "length"})
    void responseThatIsTooLargeIsNoResponse(String route) {
        assertEquals(Optional.empty(), call(route));
    }

    /** A short message of a member that lies, or whose library for encodings is newer: a long result when it is decompressed. */
    @Test
    void compressedResponseIsNoResponse(@TempDir Path folder) throws Exception {
        RelayWire wire = withGzip(folder, () -> new RelayWire(clientTls, Duration.ofSeconds(5)));
        assertEquals(Optional.empty(), call(wire, "compressed", 1));
    }

    /**
     * A proxy for what is outside, such as that of {@code https.proxyHost}, would be asked for members inside. The JDK asks for a
     * proxy of any socket as well, those of the membership among them.
     */
    @Test
    void proxyOfTheJvmIsNotAsked() {
        Trail asked = new Trail();
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                if (uri.getPort() == member.port() && uri.getScheme().equals("https")) {
                    asked.add(uri.toString());
                }
                return List.of(Proxy.NO_PROXY);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {
                asked.add(e.toString());
            }
        });
        try {
            assertEquals(Optional.of(OVERLOAD), call(new RelayWire(clientTls, Duration.ofSeconds(5)), "overload", 1));
            assertEquals(List.of(), asked.events());
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void nameOfAMembersAddressIsNotLookedUp() throws Exception {
        PeerNames names = new PeerNames();
        assertEquals(Optional.of(OVERLOAD), call(new RelayWire(names.tls(), Duration.ofSeconds(5)), "overload", 1));
        assertEquals(List.of("127.0.0.1"), names.seen());
    }

    /** The name comes from the hosts file here, and from a name server for other addresses. */
    @Test
    @WorkedAroundBy(value = RelayWire.class, members = "resolve")
    void nameOfAnAddressIsLookedUp() throws Exception {
        String name = InetAddress.getByName("127.0.0.1").getHostName();
        assumeTrue(!name.equals("127.0.0.1"), "the loopback address has a name");
        PeerNames names = new PeerNames();
        WebClient.builder().tls(names.tls()).keepAlive(false).proxy(io.helidon.webclient.api.Proxy.noProxy()).build()
                .post("https://127.0.0.1:" + member.port() + "/silent/1").request().close();
        assertEquals(List.of(name), names.seen());
    }

    /** The kernel ends the connections of a killed process in the same way. */
    @Test
    void connectionThatTheOwnerEndsWithoutAResponseIsClosed() throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> {
                try (Socket owner = listener.accept()) {
                    owner.setSoTimeout((int) Await.TIME.toMillis());
                    SSLSocket tls = (SSLSocket) clientTls.sslContext().getSocketFactory()
                            .createSocket(owner, "127.0.0.1", owner.getPort(), true);
                    tls.setUseClientMode(false);
                    // otherwise Helidon connects twice
                    SSLParameters parameters = tls.getSSLParameters();
                    parameters.setApplicationProtocols(new String[] {"http/1.1"});
                    tls.setSSLParameters(parameters);
                    tls.getInputStream().read();
                    owner.shutdownOutput();
                    owner.getInputStream().transferTo(OutputStream.nullOutputStream());
                    end.complete(owner.getInputStream().read());
                } catch (IOException e) {
                    end.completeExceptionally(e);
                }
            });
            String address = "127.0.0.1:" + listener.getLocalPort();
            assertThrows(RuntimeException.class,
                         () -> wire.call(address, "work", "1", NO_BYTES, Deadline.in(Duration.ofSeconds(5))));
            assertEquals(-1, end.get(Await.TIME.toSeconds(), TimeUnit.SECONDS));
        }
    }

    @Test
    void shutdownOfTheOwnerIsNoResponse() {
        assertEquals(Optional.empty(), call("shutdown"));
        assertFalse(wire.extend(address(), "shutdown", "1", Deadline.in(Duration.ofSeconds(5))));
    }

    @Test
    void unknownRouteIsNoResponse() {
        assertEquals(Optional.empty(), call("unknown"));
    }

    /** An underscore is no character of a host name, but one of the names of containers. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]", "[fd00:1::2]", "member-1.example", "member_1"})
    void memberMayHaveAnyAddress(String host) {
        ClientUri uri = RelayWire.uri(host + ":7801", "search", Relay.nextId());
        assertEquals(host + " 7801", uri.host() + " " + uri.port());
        assertTrue(uri.toString().matches("https://" + Pattern.quote(host) + ":7801/search/[0-9a-z-]+"), uri.toString());
    }

    private static void sendWithoutBound(ServerResponse response) throws IOException {
        response.header("Hangup-Response", "VALUE").header("Hangup-Source", "MISS").header("Hangup-Age-Ms", "0");
        try (OutputStream output = response.outputStream()) {
            byte[] part = new byte[64 * 1024];
            for (int sent = 0; sent < LENGTH; sent += part.length) {
                output.write(part);
            }
        }
    }

    private static RelayResponse.Result withoutBytes(RelayResponse.Kind kind) {
        return new RelayResponse.Result(kind, NO_BYTES, RelayResponse.Source.MISS, Duration.ZERO);
    }

    private static Optional<RelayResponse> call(String route) {
        return call(route, 1);
    }

    private static RuntimeException exception(String route, int key) {
        return ((RelayResponse.Failure) call(route, key).orElseThrow()).exception();
    }

    private static Optional<RelayResponse> call(String route, int key) {
        return call(wire, route, key);
    }

    private static Optional<RelayResponse> call(RelayWire wire, String route, int key) {
        return wire.call(address(), route, "1", new byte[] {(byte) key}, Deadline.in(Duration.ofSeconds(5)));
    }

    private static String address() {
        return "127.0.0.1:" + member.port();
    }

    /** Calls some code in an application with Helidon's library for gzip on its class path. */
    private static <T> T withGzip(Path folder, Callable<T> code) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(ContentEncodingProvider.class.getName()), Gzip.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader withGzip = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(withGzip);
            assertTrue(ContentEncodingContext.create().contentDecodingSupported("gzip"), "it is discovered");
            return code.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static byte[] compressed() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(new byte[LENGTH]);
        }
        return bytes.toByteArray();
    }

    /** As an encoding on the class path of an application. */
    public static final class Gzip implements ContentEncodingProvider {
        @Override
        public String configKey() {
            return "gzip";
        }

        @Override
        public ContentEncoding create(Config config, String name) {
            return Encoding.GZIP;
        }
    }

    /** Trusts everybody, and notes the names that a client's sockets have for their peers. */
    private static final class PeerNames extends X509ExtendedTrustManager {
        private final Trail names = new Trail();

        private Tls tls() throws GeneralSecurityException {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {this}, null);
            return Tls.builder().sslContext(context).endpointIdentificationAlgorithm(Tls.ENDPOINT_IDENTIFICATION_NONE).build();
        }

        private List<String> seen() {
            return names.events();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            names.add(((SSLSocket) socket).getHandshakeSession().getPeerHost());
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new AssertionError("of a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new AssertionError("of a client");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new AssertionError("without a socket");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new AssertionError("of a client");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new AssertionError("without a socket");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

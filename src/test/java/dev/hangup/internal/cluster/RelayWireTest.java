package dev.hangup.internal.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import javax.net.ssl.SSLParameters;

import dev.hangup.Deadline;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.http.Status;
import io.helidon.webclient.api.ClientUri;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a member that relays a request makes of what comes back. */
class RelayWireTest {
    private static final RelayResponse.Failure OVERLOAD =
            new RelayResponse.Failure("", 503, "Too much work", Map.of("Retry-After", "7"));
    private static final byte[] NO_BYTES = {};
    private static final int LENGTH = 2 * RelayWire.MAX_BYTES;
    private static WebServer member;
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
                                RelayWire.send(new RelayResponse.Failure("", 404, "", Map.of()), response))
                        .post("/age/1", (request, response) -> RelayWire.send(new RelayResponse.Result(
                                RelayResponse.Kind.NOTHING, NO_BYTES, RelayResponse.Source.HIT, Duration.ofMillis(-1)), response))
                        .post("/large/1", (request, response) -> RelayWire.send(new RelayResponse.Result(
                                RelayResponse.Kind.VALUE, new byte[LENGTH], RelayResponse.Source.MISS, Duration.ZERO), response))
                        .post("/chunks/1", (request, response) -> sendWithoutBound(response))
                        .post("/length/1", (request, response) -> {
                            response.contentLength(LENGTH);
                            sendWithoutBound(response);
                        })
                        .post("/kind/1", (request, response) -> RelayWire.send(
                                withoutBytes(RelayResponse.Kind.values()[request.content().as(byte[].class)[0]]), response))
                        .post("/shutdown/1", (request, response) -> response.status(Status.SERVICE_UNAVAILABLE_503)
                                .send("The server is stopping"))
                        .put("/shutdown/1", (request, response) -> response.status(Status.SERVICE_UNAVAILABLE_503).send()))
                .build()
                .start();
        SSLParameters parameters = tls.sslParameters();
        parameters.setEndpointIdentificationAlgorithm("");
        wire = new RelayWire(TlsConfig.builder(tls.prototype()).sslParameters(parameters).build(), Duration.ofSeconds(5));
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
        assertEquals(Optional.of(new RelayResponse.Failure("", 404, "", Map.of())), call("silent"));
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

    private static Optional<RelayResponse> call(String route, int key) {
        return wire.call(address(), route, "1", new byte[] {(byte) key}, Deadline.in(Duration.ofSeconds(5)));
    }

    private static String address() {
        return "127.0.0.1:" + member.port();
    }
}

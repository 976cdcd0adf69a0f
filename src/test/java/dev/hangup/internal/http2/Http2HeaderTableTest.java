package dev.hangup.internal.http2;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Fields that are larger than the table of HPACK are no error, and nothing spins over them. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class Http2HeaderTableTest {
    private static final int LARGE = 5000;
    private static final int LIMIT = 5;
    private static final int REFUSED_STREAM = 7;
    /** The first byte of a block that sets the size of the table to 0 (RFC 7541, 6.3). */
    private static final byte TABLE_OF_NO_SIZE = 0x20;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void largeFieldOfARequest(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            assertEquals(LARGE + ", none", sizes(client, request().added("x-name", text(LARGE))));
            assertEquals("none, of three", sizes(client, request().added("x-other", "of three")));
            assertEquals("none, of three", sizes(client, request().indexed(HeaderBlock.NEWEST)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeFieldsOfTwoRequests(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int one = client.newStream();
            int two = client.newStream();
            client.send(Http2Client.headers(one, request().added("x-name", text(LARGE)), true),
                        Http2Client.headers(two, request().added("x-name", text(LARGE + 1)), true));
            assertEquals(LARGE + ", none", client.answer(one).text());
            assertEquals(LARGE + 1 + ", none", client.answer(two).text());
        }
    }

    /** Helidon cannot encode it. Its client must not take the fields of later responses for others. */
    @ParameterizedTest
    @EnumSource
    void fieldOfAResponseThatHelidonCannotEncodeCostsThatResponseAlone(Http2Opening opening) {
        try (TestServer server = TestServer.start(opening::configure, hangup -> { }, routing -> routing
                .get("/json", (request, response) -> response
                        .header(HeaderNames.create("x-first"), "first")
                        .header(HeaderNames.create("x-json"), "{\"a\":1}")
                        .send("json"))
                .get("/plain", (request, response) -> response.header(HeaderNames.create("x-plain"), "plain").send("plain")));
                Http2Client client = opening.connect(server.port())) {
            client.awaitReset(client.get("/json"));
            for (int i = 0; i < 2; i++) {
                assertEquals("plain", client.answer(client.get("/plain")).headers().get("x-plain"));
            }
        }
    }

    /** One that fits exactly, and one that is larger by a byte. */
    @ParameterizedTest
    @EnumSource
    void fieldsAsLargeAsTheTable(Http2Opening opening) {
        int fits = 4096 - 32 - "x-name".length();
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            assertEquals(fits + ", none", sizes(client, request().added("x-name", text(fits))));
            assertEquals(fits + ", none", sizes(client, request().indexed(HeaderBlock.NEWEST)));
            assertEquals(fits + 1 + ", none", sizes(client, request().added("x-name", text(fits + 1))));
            assertEquals("none, last", sizes(client, request().added("x-other", "last")));
            assertEquals("none, last", sizes(client, request().indexed(HeaderBlock.NEWEST)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeFieldInSeveralFrames(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.newStream();
            client.send(Http2Client.splitHeaders(id, request().added("x-name", text(LARGE)), true));
            assertEquals(LARGE + ", none", client.answer(id).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeFieldOfTrailers(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.newStream();
            client.send(Http2Client.headers(id, HeaderBlock.request("POST", "/sizes").added("x-other", "one"), false),
                        Http2Client.headers(id, new HeaderBlock().added("x-name", text(LARGE)), true));
            assertEquals("none, one", client.answer(id).text());
            assertEquals("none, last", sizes(client, request().added("x-other", "last")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeFieldOfARefusedRequest(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            Http2Work.awaitUpgrade(opening, client);
            List<Integer> waiting = new ArrayList<>();
            for (int i = 0; i < LIMIT; i++) {
                waiting.add(client.get("/until/release"));
            }
            trail.await("until release", LIMIT);
            int refused = client.newStream();
            client.send(Http2Client.headers(refused, request().added("x-name", text(LARGE)), true));
            assertEquals(REFUSED_STREAM, client.awaitReset(refused));
            trail.add("release");
            waiting.forEach(client::answer);
            assertEquals("none, last", sizes(client, request().added("x-other", "last")));
        }
    }

    /** More than any request may have: refused, and the connection goes on. */
    @ParameterizedTest
    @EnumSource
    void fieldsThatAreTooLargeAreRefused(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            HeaderBlock block = request().added("x-name", text(4000));
            for (int i = 0; i < 100; i++) {
                block.indexed(HeaderBlock.NEWEST);
            }
            int id = client.newStream();
            client.send(Http2Client.headers(id, block, true));
            assertEquals(431, client.answer(id).status());
            assertEquals("4000, none", sizes(client, request().indexed(HeaderBlock.NEWEST)));
        }
    }

    /** RFC 7541, 4.2: the first block behind the acknowledgement says that the table is smaller, whatever the block is. */
    @Test
    void refusalTellsAClientThatItsLimitOfTheTableIsKept() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            client.limitHeaderTable(1024);
            HeaderBlock block = request().added("x-name", text(4000));
            for (int i = 0; i < 100; i++) {
                block.indexed(HeaderBlock.NEWEST);
            }
            int id = client.newStream();
            client.send(Http2Client.headers(id, block, true));
            assertEquals(431, client.answer(id).status());
            assertEquals(TABLE_OF_NO_SIZE, client.headerBlock(id)[0]);
        }
    }

    @ParameterizedTest
    @MethodSource("answers")
    void largeFieldOfAnAnswer(Http2Opening opening, String kind, int size, char letter) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i < 3; i++) {
                Http2Client.Answer answer = client.answer(client.get("/" + kind + "?" + size + letter));
                assertEquals(text(size, letter), answer.headers().get("x-large"));
                assertEquals("small", answer.headers().get("x-small"));
                assertEquals(kind.equals("empty") ? "" : "answer", answer.text());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void sensitiveFieldOfAnAnswerIsInNoTable(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i < 3; i++) {
                Http2Client.Answer answer = client.answer(client.get("/sensitive?" + i));
                assertEquals("secret" + i, answer.headers().get("x-sensitive"));
                assertEquals("small", answer.headers().get("x-small"));
            }
        }
    }

    private static Stream<Arguments> answers() {
        return Stream.of(Http2Opening.PRIOR_KNOWLEDGE, Http2Opening.ALPN).flatMap(opening ->
                Stream.of("header", "trailer", "stream-trailer", "bare-header", "error", "empty").flatMap(kind ->
                        // all of it fits in one frame; it does not; all frames but the first and last are the same
                        Stream.of(5000, 20_000, 60_000).map(size ->
                                Arguments.of(opening, kind, size, size == 60_000 ? 'X' : 'a'))));
    }

    private static String sizes(Http2Client client, HeaderBlock block) {
        int id = client.newStream();
        client.send(Http2Client.headers(id, block, true));
        return client.answer(id).text();
    }

    private static HeaderBlock request() {
        return HeaderBlock.request("GET", "/sizes");
    }

    private static String text(int size) {
        return text(size, 'a');
    }

    private static String text(int size, char letter) {
        return String.valueOf(letter).repeat(size);
    }

    private TestServer start(Http2Opening opening) {
        return Http2Work.start(opening, Http2Config.builder().maxConcurrentStreams(LIMIT).buildPrototype(), trail, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.any("/sizes", Hangup.cancellable(request -> {
                    String name = Http2Work.field(request, "x-name");
                    return (name.equals("none") ? name : String.valueOf(name.length())) + ", "
                            + Http2Work.field(request, "x-other");
                }))
                .get("/header", Hangup.cancellable((request, response) -> response.header(large(request.query().rawValue()))
                        .header("x-small", "small")
                        .send("answer")))
                .get("/bare-header", (request, response) -> response.header(large(request.query().rawValue()))
                        .header("x-small", "small")
                        .send("answer"))
                .get("/trailer", (request, response) -> {
                    response.header("trailer", "x-large, x-small");
                    response.trailers().set(large(request.query().rawValue()));
                    response.trailers().set(HeaderValues.create("x-small", "small"));
                    response.send("answer");
                })
                .get("/stream-trailer", Hangup.cancellable((request, response) -> {
                    response.header("trailer", "x-large, x-small");
                    var stream = response.outputStream();
                    stream.write("answer".getBytes());
                    stream.flush();
                    response.trailers().set(large(request.query().rawValue()));
                    response.trailers().set(HeaderValues.create("x-small", "small"));
                    stream.close();
                }))
                .get("/sensitive", Hangup.cancellable((request, response) -> response.header("x-small", "small")
                        .header(HeaderValues.create(HeaderNames.create("x-sensitive"), false, true,
                                                    "secret" + request.query().rawValue()))
                        .send("answer")))
                .get("/empty", Hangup.cancellable((request, response) -> {
                    response.header(large(request.query().rawValue())).header("x-small", "small");
                    response.outputStream().close();
                }))
                .get("/error", (request, response) -> {
                    throw new LargeFailure(request.query().rawValue());
                })
                .error(LargeFailure.class, (request, response, failure) -> response.header(large(failure.getMessage()))
                        .header("x-small", "small")
                        .send("answer"));
    }

    private static Header large(String query) {
        int letter = query.length() - 1;
        return HeaderValues.create(HeaderNames.create("x-large"),
                                   text(Integer.parseInt(query.substring(0, letter)), query.charAt(letter)));
    }

    private static final class LargeFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LargeFailure(String query) {
            super(query);
        }
    }
}

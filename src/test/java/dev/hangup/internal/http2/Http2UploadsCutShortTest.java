package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.internal.response.ResponseView;
import dev.hangup.testing.Await;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Uploads whose response came before their end, on connections that go on. Nothing of them is held once the client knows. */
class Http2UploadsCutShortTest {
    private static final int UPLOADS = 100;
    private static final int FLOOD = 5000;
    private static final int PING = 6;
    private static final int ACK = 1;
    private static final int ENHANCE_YOUR_CALM = 11;
    /** What a connection may remember: those whose responses the client has not read, and those that it may send more on. */
    private static final int REMEMBERED = 2 * 1000 + 100;

    private final Trail trail = new Trail();

    @Test
    void thoseThatWereResetAreForgotten() {
        try (TestServer server = start(); Http2Client client = connect(server)) {
            long before = Usage.instances(Http2Exchange.class);
            int last = 0;
            for (int i = 0; i < UPLOADS; i++) {
                last = client.post("/early");
                assertEquals("early", client.answer(last).text());
                client.awaitReset(last);
            }
            Await.until("they are forgotten", () -> Usage.instances(Http2Exchange.class) <= before);
            // a client with several threads may have been writing these when it read the reset
            client.send(Http2Client.data(last, new byte[1000], false), Http2Client.data(last, new byte[1000], true));
            goesOn(client);
        }
    }

    /** What is remembered of each is small: the read-ahead is charged 512 bytes for it. */
    @Test
    void requestsOfThoseThatAreRememberedAreForgotten() {
        try (TestServer server = start(); Http2Client client = connect(server).holdPings()) {
            long before = Usage.instances(ResponseView.class);
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < UPLOADS; i++) {
                ids.add(client.post("/early"));
                assertEquals("early", client.answer(ids.getLast()).text());
            }
            ids.forEach(client::awaitReset);
            Await.until("they are forgotten", () -> Usage.instances(ResponseView.class) <= before);
            goesOn(client);
        }
    }

    /** Such requests do not count as open, and the table makes each of their headers large. */
    @Test
    void floodOfTooLargeHeadersIsForgotten() {
        try (TestServer server = start(); Http2Client client = connect(server).holdPings()) {
            long before = Usage.instances(Http2Exchange.class);
            int first = client.newStream();
            client.send(Http2Client.headers(first, HeaderBlock.request("GET", "/next").added("x", "y".repeat(3000)), true));
            assertEquals("next", client.answer(first).text());
            HeaderBlock tooLarge = HeaderBlock.request("POST", "/read");
            for (int i = 0; i < 10; i++) {
                tooLarge.indexed(HeaderBlock.NEWEST);
            }
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < FLOOD; i++) {
                ids.add(client.newStream());
                client.send(Http2Client.headers(ids.getLast(), tooLarge, false));
            }
            ids.forEach(id -> assertEquals(431, client.answer(id).status()));
            assertTrue(Usage.instances(Http2Exchange.class) - before <= REMEMBERED);
            goesOn(client);
        }
    }

    /** The server has asked for them. The limit of control frames is 1,000 a second. */
    @Test
    void acknowledgementsOfTheServersPingsAreNoFlood() {
        try (TestServer server = start(); Http2Client client = connect(server).holdPings()) {
            for (int i = 1; i <= FLOOD / 2; i++) {
                int id = client.post("/early");
                assertEquals("early", client.answer(id).text());
                client.awaitPings(i);
                client.send(Http2Client.data(id, new byte[0], true));
            }
            for (int i = 1; i <= FLOOD / 2; i++) {
                client.answerPing();
            }
            goesOn(client);
        }
    }

    @Test
    void acknowledgementThatIsRepeatedIsAFlood() {
        try (TestServer server = start(); Http2Client client = connect(server).holdPings()) {
            int id = client.post("/early");
            assertEquals("early", client.answer(id).text());
            client.awaitPings(1);
            byte[] data = ByteBuffer.allocate(Long.BYTES).put("resp".getBytes()).putInt(id).array();
            byte[] acknowledgement = Http2Client.frame(PING, ACK, 0, data);
            for (int i = 0; i < FLOOD; i++) {
                client.send(acknowledgement);
            }
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    @Test
    void thoseThatHelidonResetsAreForgotten() {
        try (TestServer server = start(); Http2Client client = connect(server)) {
            long before = Usage.instances(Http2Exchange.class);
            for (int i = 0; i < UPLOADS; i++) {
                int id = client.post("/read", "content-length", "1");
                client.send(Http2Client.data(id, new byte[2], false));
                client.awaitReset(id);
            }
            Await.until("they are forgotten", () -> Usage.instances(Http2Exchange.class) <= before);
            goesOn(client);
        }
    }

    @Test
    void oneThatEndsWhileItsCancelledWorkGoesOnIsForgotten() {
        try (TestServer server = start(); Http2Client client = connect(server).holdPings()) {
            long before = Usage.instances(Http2Exchange.class);
            int id = client.post("/unresponsive", "x-request-timeout-ms", "50");
            assertEquals(503, client.answer(id).status());
            client.send(Http2Client.data(id, new byte[1], true));
            goesOn(client);
            trail.add("release");
            Await.until("it is forgotten", () -> Usage.instances(Http2Exchange.class) <= before);
            assertTrue(client.hasEnded(id));
        }
    }

    private static void goesOn(Http2Client client) {
        assertEquals("next", client.answer(client.get("/next")).text());
    }

    /** With a connection that has had a request, whose stream may still be referred to. */
    private static Http2Client connect(TestServer server) {
        Await.until("the connections of other tests are gone", () -> Usage.connectionThreads() == 0);
        Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
        goesOn(client);
        return client;
    }

    private TestServer start() {
        return TestServer.start(
                server -> server.addProtocol(Http2Config.builder().maxRapidResets(-1).build()), hangup -> { }, routing -> routing
                        .post("/early", Hangup.cancellable(request -> "early"))
                        .post("/read", Hangup.cancellable((request, response) ->
                                response.send(request.content().as(byte[].class))))
                        .post("/unresponsive", Hangup.cancellable((request, response) -> {
                            trail.ignoreInterruptsUntil("release");
                            response.send("late");
                        }))
                        .get("/next", Hangup.cancellable(request -> "next")));
    }
}

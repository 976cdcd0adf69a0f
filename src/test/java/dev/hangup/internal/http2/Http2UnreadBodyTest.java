package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.ReadAheadBounds;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a handler does not read holds up nobody else, is bounded, and is there when the handler reads at last. */
class Http2UnreadBodyTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int DEFAULT_WINDOW = 65_535;
    private static final int WINDOW = 1024 * 1024;
    private static final int FRAME = 16 * 1024;

    private final Trail trail = new Trail();
    private final AtomicReference<ReadAheadBounds> bounds = new AtomicReference<>();

    @ParameterizedTest
    @EnumSource
    void besideFortyFramesTheOthersGoOn(Http2Opening opening) {
        besideUnread(opening, 40, 1);
    }

    @ParameterizedTest
    @EnumSource
    void besideTwoThousandFramesTheOthersGoOn(Http2Opening opening) {
        besideUnread(opening, 2000, 1);
    }

    @ParameterizedTest
    @EnumSource
    void besideFiftyThousandFramesTheOthersGoOn(Http2Opening opening) {
        besideUnread(opening, 50_000, 1);
    }

    @ParameterizedTest
    @EnumSource
    void besideAFullWindowTheOthersGoOn(Http2Opening opening) {
        besideUnread(opening, WINDOW / FRAME - 10, FRAME);
    }

    private void besideUnread(Http2Opening opening, int frames, int size) {
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            byte[][] all = new byte[frames][];
            for (int i = 0; i < frames; i++) {
                byte[] some = bytes(size, i);
                sent.writeBytes(some);
                all[i] = Http2Client.data(lazy, some, false);
            }
            client.send(all);
            client.ping();
            assertEquals("next", client.answer(client.get("/next")).text());
            assertEquals(300_000, client.answer(client.get("/large")).body().length);
            byte[] last = bytes(10, 0);
            sent.writeBytes(last);
            client.send(Http2Client.data(lazy, last, true));
            client.ping();
            trail.add("read");
            assertArrayEquals(sent.toByteArray(), client.answer(lazy).body());
            Await.until("all room was given back", () -> bounds.get().held() == 0);
        }
    }

    /** Though less than half of the connection's window is left, after which an update is due otherwise. */
    @Test
    void besideMostOfTheConnectionsWindowAnotherUploadGoesOn() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            for (int sent = 0; sent < WINDOW / 3 * 2; sent += FRAME) {
                client.send(Http2Client.data(lazy, new byte[FRAME], false));
            }
            int id = client.post("/count");
            for (int sent = 0; sent < 2 * WINDOW; sent += FRAME) {
                client.awaitCredit(id, FRAME);
                client.send(Http2Client.data(id, new byte[FRAME], false));
            }
            client.send(Http2Client.data(id, new byte[0], true));
            assertEquals(String.valueOf(2 * WINDOW), client.answer(id).text());
            trail.add("read");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsHeldIsCountedAndGivenBack(Http2Opening opening) {
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            for (int i = 0; i < 40; i++) {
                client.send(Http2Client.data(lazy, new byte[FRAME], false));
            }
            client.ping();
            assertTrue(bounds.get().held() >= 20 * FRAME, () -> bounds.get().held() + " bytes");
            client.send(Http2Client.reset(lazy));
            Await.until("all room was given back", () -> bounds.get().held() == 0);
        }
    }

    /** Thousands of small frames would otherwise use up the read-ahead of their connection. */
    @Test
    void smallFramesAreHeldForHardlyMoreThanTheirBytes() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            byte[][] frames = new byte[50_000][];
            Arrays.fill(frames, Http2Client.data(lazy, new byte[1], false));
            client.send(frames);
            client.ping();
            long held = bounds.get().held();
            assertTrue(held >= frames.length - 100 && held < frames.length * 5 / 4, () -> held + " bytes");
            trail.add("read");
        }
    }

    @Test
    void besideAHundredThousandPaddedFramesTheOthersGoOn() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            byte[][] frames = new byte[100_000][];
            for (int i = 0; i < frames.length; i++) {
                byte[] some = bytes(1, i);
                sent.writeBytes(some);
                frames[i] = Http2Client.paddedData(lazy, some, i % 4, i == frames.length - 1);
            }
            client.send(frames);
            client.ping();
            // several, since a read that has begun goes on without room
            for (int i = 0; i < 3; i++) {
                assertEquals("next", client.answer(client.get("/next")).text());
            }
            trail.add("read");
            assertArrayEquals(sent.toByteArray(), client.answer(lazy).body());
        }
    }

    /** What is held has lost its padding, so that the client may send as many bytes of data instead. */
    @Test
    void paddingIsGivenBackBeforeTheDataIsRead() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            int frames = 0;
            for (; frames < 2 * WINDOW / 256; frames++) {
                client.awaitCredit(lazy, 257);
                client.send(Http2Client.paddedData(lazy, new byte[1], 255, false));
            }
            client.send(Http2Client.data(lazy, new byte[0], true));
            trail.add("read");
            assertEquals(frames, client.answer(lazy).body().length);
        }
    }

    @Test
    void paddingLongerThanItsFrameIsAnErrorBehindUnreadDataToo() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            byte[][] frames = new byte[100][];
            Arrays.fill(frames, Http2Client.data(lazy, new byte[1], false));
            client.send(frames).send(Http2Client.frame(0, 8, lazy, new byte[] {3, 0, 0}));
            assertEquals(PROTOCOL_ERROR, client.awaitGoAway());
            trail.await("lazy stopped");
        }
    }

    /** The configured window is four times as large as the read-ahead. */
    @ParameterizedTest
    @EnumSource
    void besideAWindowThatTheReadAheadCouldNotHoldTheOthersGoOn(Http2Opening opening) {
        try (TestServer server = start(opening, hangup -> hangup.readAhead(WINDOW / 4));
                Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            client.ping();
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            for (int i = 0; client.credit(lazy) > 0; i++) {
                byte[] some = bytes(Math.min(FRAME, client.credit(lazy)), i);
                sent.writeBytes(some);
                client.send(Http2Client.data(lazy, some, false));
            }
            assertEquals("next", client.answer(client.get("/next")).text());
            trail.add("read");
            client.send(Http2Client.data(lazy, new byte[0], true));
            assertArrayEquals(sent.toByteArray(), client.answer(lazy).body());
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionsEndGivesBackWhatIsHeld(Http2Opening opening) {
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            for (int i = 0; i < 40; i++) {
                client.send(Http2Client.data(lazy, new byte[FRAME], false));
            }
            client.ping();
            client.socket().reset();
            Await.until("all room was given back", () -> bounds.get().held() == 0);
            Await.until("the connection is gone", () -> Usage.connectionThreads() == 0);
            assertTrue(logged.trail().events().stream().noneMatch(it -> it.contains("was ended")),
                       () -> logged.trail().events().toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreThanTheStreamsWindowIsAnErrorOfTheStream(Http2Opening opening) {
        Http2Config limits = Http2Config.builder().initialWindowSize(FRAME).buildPrototype();
        try (TestServer server = Http2Work.start(opening, limits, new Trail(), this::lazy);
                Http2Client client = opening.connect(server.port())) {
            // behind its acknowledgement of the settings
            client.ping();
            int other = client.post("/lazy/other");
            int lazy = client.post("/lazy");
            trail.await("lazy/other");
            trail.await("lazy");
            client.send(Http2Client.data(other, new byte[FRAME], false), Http2Client.data(lazy, new byte[FRAME], false));
            client.ping();
            client.send(Http2Client.data(lazy, new byte[1], false));
            assertEquals(FLOW_CONTROL_ERROR, client.awaitReset(lazy));
            trail.await("lazy stopped");
            client.send(Http2Client.data(other, new byte[0], true));
            trail.add("read");
            assertEquals(FRAME, client.answer(other).body().length);
        }
    }

    /** A client may send 65,535 bytes before it has seen the server's settings, which take effect later (RFC 9113, 6.9.2). */
    @Test
    void firstUploadMayUseTheWindowThatItsClientKnows() {
        Http2Config limits = Http2Config.builder().initialWindowSize(FRAME).buildPrototype();
        byte[] first = bytes(DEFAULT_WINDOW, 0);
        try (TestServer server = Http2Work.start(Http2Opening.PRIOR_KNOWLEDGE, limits, new Trail(), this::lazy);
                Http2Client client = Http2Client.over(RawClient.connect(server.port()),
                                                      Http2Client.headers(1, "POST", "/lazy", false),
                                                      Http2Client.data(1, Arrays.copyOf(first, FRAME), false),
                                                      Http2Client.data(1, Arrays.copyOfRange(first, FRAME, 2 * FRAME), false),
                                                      Http2Client.data(1, Arrays.copyOfRange(first, 2 * FRAME, 3 * FRAME), false),
                                                      Http2Client.data(1, Arrays.copyOfRange(first, 3 * FRAME, first.length),
                                                                       false))) {
            trail.await("lazy");
            client.ping();
            trail.add("read");
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            sent.writeBytes(first);
            for (int i = 1; i <= 5; i++) {
                byte[] some = bytes(FRAME, i);
                sent.writeBytes(some);
                client.awaitCredit(1, FRAME);
                client.send(Http2Client.data(1, some, i == 5));
            }
            assertArrayEquals(sent.toByteArray(), client.answer(1).body());
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreThanTheConnectionsWindowIsAnErrorOfTheConnection(Http2Opening opening) {
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int one = client.post("/lazy");
            int two = client.post("/lazy");
            trail.await("lazy", 2);
            byte[][] frames = new byte[WINDOW / FRAME + 1][];
            for (int i = 0; i < frames.length; i++) {
                frames[i] = Http2Client.data(i % 2 == 0 ? one : two, new byte[FRAME], false);
            }
            client.send(frames);
            assertEquals(FLOW_CONTROL_ERROR, client.awaitGoAway());
            trail.await("lazy stopped", 2);
        }
    }

    /** As much as is given back may be sent again, to the byte, whatever the frames' sizes and padding. */
    @ParameterizedTest
    @EnumSource
    void windowIsGivenBackToTheByte(Http2Opening opening) {
        try (TestServer server = start(opening, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/count");
            int bytes = 0;
            for (int i = 0; bytes < 3 * WINDOW; i++) {
                int size = 1 + i * 7919 % FRAME;
                client.awaitCredit(id, size);
                client.send(Http2Client.data(id, new byte[size], false));
                bytes += size;
            }
            client.send(Http2Client.data(id, new byte[0], true));
            assertEquals(String.valueOf(bytes), client.answer(id).text());
        }
    }

    /** With no room left at all, a connection that has used its guaranteed share waits until a handler reads. */
    @ParameterizedTest
    @EnumSource
    void connectionWithoutRoomWaitsAndGoesOn(Http2Opening opening) {
        try (TestServer server = start(opening, hangup -> hangup.readAhead(64 * 1024).readAheadPerAddress(64 * 1024L)
                .readAheadTotal(64 * 1024L)); Http2Client client = opening.connect(server.port())) {
            int lazy = client.post("/lazy");
            trail.await("lazy");
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            for (int i = 0; i < 16; i++) {
                // these wait in Helidon's queue
                byte[] some = bytes(1, i);
                sent.writeBytes(some);
                client.send(Http2Client.data(lazy, some, false));
            }
            for (int left = DEFAULT_WINDOW - 16; left > 0; left -= FRAME) {
                byte[] some = bytes(Math.min(FRAME, left), left);
                sent.writeBytes(some);
                client.send(Http2Client.data(lazy, some, left <= FRAME));
            }
            int next = client.get("/next");
            assertTrue(bounds.get().held() < 64 * 1024 + 3 * FRAME, () -> bounds.get().held() + " bytes");
            trail.add("read");
            assertArrayEquals(sent.toByteArray(), client.answer(lazy).body());
            assertEquals("next", client.answer(next).text());
            Await.until("all room was given back", () -> bounds.get().held() == 0);
        }
    }

    private TestServer start(Http2Opening opening, Consumer<HangupConfig.Builder> hangup) {
        return Http2Work.start(opening, hangup, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        lazy(routing.any("/next", Hangup.cancellable(request -> "next"))
                .get("/large", Hangup.cancellable(request -> new byte[300_000]))
                .post("/count", Hangup.cancellable(request -> String.valueOf(request.content().as(byte[].class).length))));
    }

    private void lazy(HttpRouting.Builder routing) {
        routing.post("/lazy*", Hangup.cancellable(request -> {
            bounds.set(Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead());
            String name = request.path().path().substring(1);
            trail.add(name);
            try {
                trail.awaitInterruptibly("read");
            } catch (InterruptedException e) {
                trail.add(name + " stopped");
                throw e;
            }
            return request.content().as(byte[].class);
        }));
    }

    private static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + seed);
        }
        return bytes;
    }
}

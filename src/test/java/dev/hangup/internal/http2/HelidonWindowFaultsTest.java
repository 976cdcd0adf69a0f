package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.http.http2.Http2ConnectionWriter;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Faults of Helidon 4.5.0 in what it keeps count of while it writes; each as long as it is there. */
class HelidonWindowFaultsTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int WINDOW = 65_535;
    private static final int FRAME = 16_384;
    private static final int STREAMS = 5;
    private static final int PING = 6;

    private final Trail trail = new Trail();
    private final CountDownLatch gate = new CountDownLatch(1);

    /** It becomes negative when the client makes all streams' windows smaller (RFC 9113, 6.9.2). */
    @Test
    @WorkedAroundBy(value = {EarlyEnds.class, FlowControl.class}, members = "resetByHelidon")
    void windowThatWasNegativeIsTakenForAnOverflow() {
        try (PlainServer server = PlainServer.start(routing -> routing
                .get("/", (request, response) -> response.send(new byte[100_000])));
                Http2Client client = server.connectHttp2().withoutCredit()) {
            int id = client.get("/");
            client.awaitBytes(id, WINDOW);
            client.send(Http2Client.settings(INITIAL_WINDOW_SIZE, 10), Http2Client.windowUpdate(id, 1000));
            assertEquals(FLOW_CONTROL_ERROR, client.awaitResetOrGoAway(id));
        }
    }

    /** It becomes negative when several streams find room at the same time. */
    @Test
    @WorkedAroundBy(value = {ConnectionEnd.class, FlowControl.class}, members = "goAwayByHelidon")
    void connectionsWindowThatIsOverdrawnIsTakenForAnOverflow() {
        Queue<Thread> writers = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(STREAMS);
        try (PlainServer server = start(frame -> frame.type() == Frame.DATA && frame.length() == FRAME, routing -> routing
                .get("/", (request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(new byte[1]);
                    stream.flush();
                    writers.add(Thread.currentThread());
                    begun.countDown();
                    begun.await();
                    stream.write(new byte[FRAME]);
                    trail.add("written");
                    stream.close();
                }));
                Http2Client client = server.connectHttp2().withoutCredit()) {
            for (int i = 0; i < STREAMS; i++) {
                client.get("/");
            }
            Await.until("all have found room", () -> writers.size() == STREAMS && writers.stream()
                    .allMatch(HelidonWindowFaultsTest::hasFoundRoom));
            gate.countDown();
            trail.await("written", STREAMS);
            client.send(Http2Client.windowUpdate(0, 1000));
            assertEquals(FLOW_CONTROL_ERROR, client.awaitGoAway());
        }
    }

    /** A client that resets it then resets what Helidon does not know any more. */
    @Test
    @WorkedAroundBy(value = Http2Exchange.class, members = "needsReset")
    void streamHasEndedBeforeItsLastHeadersAreWritten() {
        try (PlainServer server = start(frame -> frame.type() == Frame.HEADERS, routing -> routing
                .get("/empty", (request, response) -> response.outputStream().close())
                .get("/until/release", (request, response) -> {
                    trail.add("until release");
                    trail.await("release");
                }));
                Http2Client client = server.connectHttp2()) {
            PlainServer.Connection connection = server.nextConnection();
            int id = client.get("/empty");
            trail.await("writes");
            client.get("/until/release");
            trail.await("until release");
            client.send(Http2Client.reset(id), Http2Client.frame(PING, 0, 0, new byte[8]));
            connection.awaitIn(Http2ConnectionWriter.class, "lockedWrite");
            gate.countDown();
            assertEquals(PROTOCOL_ERROR, client.awaitGoAway());
            trail.add("release");
        }
    }

    private static boolean hasFoundRoom(Thread writer) {
        return Arrays.stream(writer.getStackTrace()).anyMatch(it -> it.getMethodName().equals("lockedWrite"));
    }

    private PlainServer start(Predicate<Frame> gated, Consumer<HttpRouting.Builder> routing) {
        return PlainServer.builder().writer(it -> new GatedWriter(it, gated, trail, gate)).start(routing);
    }
}

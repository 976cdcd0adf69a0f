package dev.hangup.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;

import jakarta.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the page is told. */
class PageFeedTest {
    private final WebServer server = PageTest.server(Map.of("page.max-open", "2"));

    @AfterEach
    void stop() {
        server.stop();
    }

    // an idle server sends an event only every 15 seconds, so that none fails to be sent before
    @Test
    void endsWhenItsClientLeaves() {
        try (FeedReader one = feed(); FeedReader other = feed()) {
            one.await("two pages", it -> it.getInt("pages") == 2);
            other.leave();
            one.await("one page", it -> it.getInt("pages") == 1);
        }
    }

    @Test
    void reportsOfABareRequestFromItsBeginToItsEnd() {
        try (FeedReader feed = feed(); RawClient client = client()) {
            client.get("/no-context?seconds=3", "Page-Tag: mine-1\r\n");
            JsonObject running = feed.await("it runs", "running", it -> it.getString("tag").equals("mine-1"));
            assertEquals("sleep bare somebody", running.getString("work") + " " + running.getString("variant") + " "
                    + running.getString("waiting"));
            assertFalse(running.containsKey("allowed"));
            assertEquals(200, client.read().status());
            JsonObject ended = feed.await("it has ended", "ended", it -> it.getString("tag").equals("mine-1"));
            assertEquals("completed 200", ended.getString("outcome") + " " + ended.getInt("status"));
            assertTrue(ended.getJsonNumber("ended").doubleValue() - ended.getJsonNumber("began").doubleValue() >= 3000);
        }
    }

    @Test
    void reportsOfARequestUnderHangupFromItsBeginToItsEnd() {
        try (FeedReader feed = feed(); RawClient client = client()) {
            client.get("/with-context?seconds=3", "Page-Tag: mine-2\r\n");
            JsonObject running = feed.await("it runs", "running", it -> it.getString("tag", "").equals("mine-2"));
            assertEquals("sleep hangup somebody 30000.0", running.getString("work") + " " + running.getString("variant") + " "
                    + running.getString("waiting") + " " + running.getJsonNumber("allowed"));
            assertEquals(200, client.read().status());
            JsonObject ended = feed.await("it has ended", "ended", it -> it.getString("tag", "").equals("mine-2"));
            assertEquals("completed 200", ended.getString("outcome") + " " + ended.getInt("status"));
            assertFalse(ended.containsKey("left"));
        }
    }

    @Tag("departure")
    @Test
    void whoLeavesBothIsWaitedForByNeither() {
        try (FeedReader feed = feed(); RawClient bare = client(); RawClient underHangup = client()) {
            bare.get("/no-context?seconds=3600", "Page-Tag: both\r\n");
            feed.await("the bare one runs", "running", it -> it.getString("variant").equals("bare"));
            underHangup.get("/with-context?seconds=3600", "Page-Tag: both\r\n");
            feed.await("the other runs", "running", it -> it.getString("variant").equals("hangup"));
            bare.leave();
            underHangup.leave();
            JsonObject stopped = feed.await("it was stopped", "ended", it -> it.getString("variant").equals("hangup"));
            assertEquals("disconnected", stopped.getString("outcome"));
            assertTrue(stopped.containsKey("left"));
            JsonObject burning = feed.await("it runs on", "running", it -> it.getString("waiting").equals("nobody"));
            assertEquals("bare", burning.getString("variant"));
        }
    }

    @Test
    void aDeadlineEndsTheOneAndSaysSo() {
        try (FeedReader feed = feed(); RawClient client = client()) {
            assertEquals(503, client.get("/with-context?seconds=3600", "X-Request-Timeout-Ms: 50\r\n").read().status());
            JsonObject ended = feed.await("it has ended", "ended", it -> it.getString("variant").equals("hangup"));
            assertEquals("deadline-exceeded nobody 50.0", ended.getString("outcome") + " " + ended.getString("waiting") + " "
                    + ended.getJsonNumber("allowed"));
        }
    }

    /** What is useful and what is wasted is told as the metrics tell it: all of the time of each request. */
    @Test
    void usefulAndWastedMeanTheSameAsInTheMetrics() {
        try (FeedReader feed = feed(); RawClient client = client(); RawClient late = client(); RawClient scraper = client()) {
            double useful = metric(scraper, "useful");
            double wasted = metric(scraper, "wasted");
            assertEquals(200, client.get("/with-context?seconds=0.2").read().status());
            assertEquals(503, client.get("/with-context/relay").read().status());
            assertEquals(503, late.get("/with-context?seconds=3600", "X-Request-Timeout-Ms: 300\r\n").read().status());
            JsonObject state = feed.await("all have ended", it -> it.getJsonObject("variants").getJsonObject("hangup")
                    .getInt("ended") == 3);
            JsonObject time = state.getJsonObject("variants").getJsonObject("hangup").getJsonObject("time");
            assertEquals(0, time.getJsonNumber("unknown").doubleValue());
            assertTrue(time.getJsonNumber("useful").doubleValue() >= 200 && time.getJsonNumber("wasted").doubleValue() >= 300,
                       time.toString());
            Await.until("the metrics say the same", () ->
                    close(time.getJsonNumber("useful").doubleValue(), metric(scraper, "useful") - useful)
                            && close(time.getJsonNumber("wasted").doubleValue(), metric(scraper, "wasted") - wasted));
        }
    }

    @Test
    void whoWaitsForABareRequestOfAnotherClientIsNotKnown() {
        try (FeedReader feed = feed(); RawClient client = client().get("/no-context?seconds=3600")) {
            feed.await("it runs", "running", it -> it.getString("waiting").equals("unknown") && !it.containsKey("tag"));
        }
    }

    @ParameterizedTest
    @CsvSource({"/no-context?seconds=x, 400, completed", "/no-context/relay, 503, failed",
            "/with-context?seconds=x, 400, completed", "/with-context/relay, 503, failed"})
    void reportsOfRefusals(String path, int status, String outcome) {
        try (FeedReader feed = feed(); RawClient client = client()) {
            assertEquals(status, client.get(path, "Page-Tag: refused\r\n").read().status());
            JsonObject ended = feed.await("it has ended", "ended", it -> true);
            assertEquals(outcome + " " + status, ended.getString("outcome") + " " + ended.getInt("status"));
        }
    }

    @Test
    void nothingOfARequestIsOnItButItsTag() {
        for (String path : new String[] {"/with-context/%3Cscript%3E", "/no-context/<script>", "/<script>"}) {
            try (RawClient client = client()) {
                assertTrue(client.get(path).readHead().matches("(?s)HTTP/1.1 40[04] .*"), path);
            }
        }
        try (FeedReader feed = feed(); RawClient client = client()) {
            assertEquals(200, client.get("/with-context?seconds=0&q=%3Cscript%3E&secret=hidden", "Cookie: secret=hidden\r\n",
                                         "X-Request-Timeout-Ms: 5000\r\n").read().status());
            feed.await("it has ended", "ended", it -> it.getString("variant").equals("hangup"));
            for (String unwanted : new String[] {"script", "secret", "hidden", "127.0.0.1", String.valueOf(port(client))}) {
                assertFalse(feed.text().replaceAll("\\d+\\.\\d+", "").contains(unwanted), unwanted + " in " + feed.text());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<script>", "", "a b", "1234567890123456789012345678901234567", "one, two", "\"", "\u00e9"})
    void aTagThatIsNoneIsRefusedInOneLine(String tag) {
        for (String path : new String[] {"/no-context", "/with-context"}) {
            try (RawClient client = client()) {
                RawClient.Response response = client.get(path + "?seconds=0", "Page-Tag: " + tag + "\r\n").read();
                assertEquals(400, response.status());
                assertTrue(response.text().contains("Page-Tag must be 1 to 36 letters"), response.text());
                assertEquals(1, response.text().lines().count());
            }
        }
    }

    @Test
    void onlySoManyPagesAreOpenAtATime() {
        try (FeedReader one = feed(); FeedReader two = feed(); RawClient third = client()) {
            RawClient.Response refused = third.get("/page/feed").read();
            assertEquals(503, refused.status());
            assertEquals("5", refused.headers().get("retry-after"));
            two.leave();
            Await.until("there is a place again", () -> {
                try (RawClient fourth = client()) {
                    return fourth.get("/page/feed").readHead().startsWith("HTTP/1.1 200 ");
                }
            });
        }
    }

    @Test
    void whoReadsLateIsToldTheEnd() {
        try (FeedReader feed = feed(); RawClient client = client()) {
            for (int i = 0; i < 500; i++) {
                client.get("/with-context?seconds=0").read();
            }
            JsonObject last = feed.await("all have ended", it -> it.getJsonObject("variants").getJsonObject("hangup")
                    .getInt("ended") == 500);
            assertEquals(0, last.getJsonObject("variants").getJsonObject("hangup").getInt("running"));
            assertTrue(feed.events() < 500, feed.events() + " events");
        }
    }

    @Test
    void oneClientHasOnlySoManyPagesOpen() {
        WebServer crowded = PageTest.server(Map.of());
        try (FeedReader one = FeedReader.open(crowded.port()); FeedReader two = FeedReader.open(crowded.port());
                FeedReader three = FeedReader.open(crowded.port()); FeedReader four = FeedReader.open(crowded.port());
                RawClient fifth = RawClient.connect(crowded.port())) {
            RawClient.Response refused = fifth.get("/page/feed").read();
            assertEquals(429, refused.status());
            assertEquals("5", refused.headers().get("retry-after"));
            assertEquals(1, refused.text().lines().count());
            // another address is another client
            try (Socket other = new Socket("127.0.0.1", crowded.port(), InetAddress.getByName("127.0.0.2"), 0);
                    RawClient elsewhere = RawClient.over(other)) {
                String head = elsewhere.get("/page/feed").readHead();
                assertTrue(head.startsWith("HTTP/1.1 200 "), head);
            }
            four.leave();
            Await.until("there is a place again", () -> head(crowded).startsWith("HTTP/1.1 200 "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            crowded.stop();
        }
    }

    /** A feed on a connection that is not read is closed once the buffers are full and some seconds have passed. */
    @Test
    void whoDoesNotReadLosesItsPlace() throws IOException {
        WebServer small = PageTest.server(Map.of("page.max-open-per-client", "1",
                                                 "server.connection-options.socket-send-buffer-size", "4096"));
        try (Socket socket = new Socket(); Logged trouble = Logged.trouble("io.helidon")) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), small.port()));
            RawClient.over(socket).get("/page/feed").readHead();
            assertTrue(head(small).startsWith("HTTP/1.1 429 "));
            try (RawClient client = RawClient.connect(small.port())) {
                // from now on each event tells of thirty requests, which fills the buffers sooner
                for (int i = 0; i < 40; i++) {
                    client.get("/with-context?seconds=0").read();
                }
            }
            Await.until("its place is free", () -> {
                try (RawClient client = RawClient.connect(small.port())) {
                    client.get("/with-context?seconds=0").read();
                }
                return head(small).startsWith("HTTP/1.1 200 ");
            });
            try (FeedReader next = FeedReader.open(small.port())) {
                assertEquals(1, next.next().getInt("pages"));
            }
            assertEquals(List.of(), trouble.trail().events());
        } finally {
            small.stop();
        }
    }

    @Test
    void aHeadRequestIsAnsweredAsAPageWouldBeAndTakesNoPlace() {
        try (FeedReader one = feed()) {
            for (int i = 0; i < 3; i++) {
                String head = head(server);
                assertTrue(head.startsWith("HTTP/1.1 200 ") && head.contains("text/event-stream"), head);
            }
            try (FeedReader two = feed()) {
                assertTrue(head(server).startsWith("HTTP/1.1 503 "));
            }
        }
    }

    @Test
    void offersTheRelayOnlyWhereThereIsATarget() {
        try (FeedReader feed = feed()) {
            assertEquals("sleep cpu loop query stream process isolated unresponsive coalesced", feed.kinds());
        }
        WebServer relaying = PageTest.server(Map.of("relay.url", "http://localhost:1/"));
        try (FeedReader feed = FeedReader.open(relaying.port())) {
            assertEquals("sleep cpu loop query stream process isolated unresponsive coalesced relay", feed.kinds());
        } finally {
            relaying.stop();
        }
    }

    /** Milliseconds. */
    private static double metric(RawClient client, String usefulness) {
        return client.get("/observe/metrics", "Accept: text/plain\r\n").read().text().lines()
                .filter(line -> line.startsWith("hangup_work_" + usefulness + "_seconds_sum"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)) * 1000)
                .findFirst()
                .orElse(0);
    }

    /** The page's times are rounded to hundredths. */
    private static boolean close(double shown, double measured) {
        return Math.abs(shown - measured) < 0.05;
    }

    private static String head(WebServer server) {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.send("HEAD /page/feed HTTP/1.1\r\nHost: localhost\r\n\r\n").readHead();
        }
    }

    private FeedReader feed() {
        return FeedReader.open(server.port());
    }

    private RawClient client() {
        return RawClient.connect(server.port());
    }

    private static int port(RawClient client) {
        return client.socket().getLocalPort();
    }
}

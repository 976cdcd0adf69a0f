package dev.hangup.proxies;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.hangup.Deadline;
import dev.hangup.docs.Document;
import dev.hangup.outcome.Outcome;
import dev.hangup.proxies.TrackedWork.End;
import dev.hangup.proxies.TrackedWork.Kind;
import dev.hangup.proxies.TrackedWork.Piece;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What a server under Hangup sees of clients that leave the proxy in front of it: the table in {@code operations.md}, of each
 * proxy that is installed. Debian's packages: nginx, haproxy, varnish; caddy, squid, apache2.
 */
class ProxiesTest {
    private static final System.Logger LOGGER = System.getLogger(ProxiesTest.class.getName());
    private static final String HEADING = "### Which proxies pass a disconnect on";
    /** How long is waited for what should not come. */
    private static final long SHORT_MILLIS = 1000;
    private static final long LONG_MILLIS = 15_000;
    private static final List<String> HOSTS = List.of("name.example:9000", "name.example", "[::1]:9000");
    private static TrackedWork work;

    @BeforeAll
    static void start() {
        work = new TrackedWork();
        // the classes that a first request needs take longer to load than anything here may take
        try (RawClient client = RawClient.connect(work.port())) {
            client.get("/remaining").read();
        }
    }

    @AfterAll
    static void stop() {
        work.close();
    }

    /** All requests at the same time, since those that nobody tells of wait for their deadline. */
    @ParameterizedTest
    @MethodSource("dev.hangup.proxies.Setup#all")
    void departuresAreAsTheTableSays(Setup setup) throws Exception {
        try (RunningProxy proxy = start(setup.proxy(), setup.change());
                ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Map<Kind, Future<Notice>>> rows = new TreeMap<>();
            for (String version : setup.clients()) {
                Map<Kind, Future<Notice>> row = new EnumMap<>(Kind.class);
                for (Kind kind : Kind.values()) {
                    row.put(kind, tasks.submit(() -> leave(setup, proxy, version, kind)));
                }
                rows.put(version, row);
            }
            List<String> measured = new ArrayList<>();
            for (String version : setup.clients()) {
                Map<Kind, Notice> row = new EnumMap<>(Kind.class);
                for (Map.Entry<Kind, Future<Notice>> each : rows.get(version).entrySet()) {
                    row.put(each.getKey(), each.getValue().get());
                }
                LOGGER.log(System.Logger.Level.INFO, setup + ", HTTP/" + version + " to the proxy: " + row);
                measured.add(row(setup, version, row));
            }
            assertEquals(String.join("\n", documented(setup)), String.join("\n", measured));
        }
    }

    /** A client may ask for less than the proxy's deadline, but not for more. */
    @ParameterizedTest
    @EnumSource(Proxy.class)
    void deadlineIsThatOfTheProxyUnlessTheClientAsksForLess(Proxy program) throws Exception {
        try (RunningProxy proxy = start(program, UnaryOperator.identity())) {
            assertRemains(500, RunningProxy.DEADLINE_MILLIS, proxy, "");
            assertRemains(500, RunningProxy.DEADLINE_MILLIS, proxy, Deadline.HEADER + ": 60000\r\n");
            assertRemains(500, RunningProxy.DEADLINE_MILLIS, proxy, Deadline.HEADER + ": soon\r\n");
            assertRemains(0, 1999, proxy, Deadline.HEADER + ": 1999\r\n");
            assertRemains(0, 1000, proxy, "Prefer: wait=1\r\n");
        }
    }

    /**
     * Each value contains a number below the proxy's deadline, if it is read with a few bits only, up to the first other
     * character, or of one of several headers.
     */
    @ParameterizedTest
    @EnumSource(Proxy.class)
    void deadlineIsThatOfTheProxyIfTheClientAsksForNoNumberThatIsLess(Proxy program) throws Exception {
        String once = Deadline.HEADER + ": %s\r\n";
        String twice = once + once;
        try (RunningProxy proxy = start(program, UnaryOperator.identity())) {
            assertAll(Stream.of(once.formatted("4294972296"), once.formatted("4294967796"), once.formatted("18446744073709552116"),
                                once.formatted("5000x"), once.formatted("500x"), once.formatted("500.5"), once.formatted("500, 60000"),
                                once.formatted("0"), once.formatted("-500"), once.formatted("+500"), once.formatted("5e2"),
                                once.formatted(""), twice.formatted("60000", "x"), twice.formatted("4294967796", "60000"))
                              .map(it -> () -> assertRemains(500, RunningProxy.DEADLINE_MILLIS, proxy, it)));
            // HAProxy passes both on if either is less than its own, and the server refuses two
            for (String headers : List.of(twice.formatted("500", "60000"), twice.formatted("60000", "500"))) {
                RawClient.Response response = ask(proxy, "GET /remaining HTTP/1.1\r\n", headers);
                assertTrue(response.status() == 400 || Integer.parseInt(response.text()) <= RunningProxy.DEADLINE_MILLIS,
                           response::text);
            }
        }
    }

    /** The server trusts the proxy alone: what a client says of itself is not passed on. */
    @ParameterizedTest
    @EnumSource(Proxy.class)
    void peerIsTheClientOfTheProxy(Proxy program) throws Exception {
        try (RunningProxy proxy = start(program, UnaryOperator.identity());
                RawClient client = RawClient.connect(proxy.port(), "127.0.0.2")) {
            client.get("/peer", "X-Forwarded-For: 192.0.2.9\r\n", "X-Forwarded-Host: example.com\r\n");
            assertEquals(200, client.read().status());
            assertEquals("127.0.0.2", work.nextPeer("/peer"));
        }
    }

    /** A server that allows only some hosts compares both the name and the port, as browsers send them. */
    @ParameterizedTest
    @EnumSource(Proxy.class)
    void hostIsPassedOnAsTheClientSendsIt(Proxy program) throws Exception {
        try (RunningProxy proxy = start(program, UnaryOperator.identity());
                RawClient client = RawClient.connect(proxy.port());
                RawClient old = RawClient.connect(proxy.port())) {
            for (String host : HOSTS) {
                RawClient.Response response = client.send("GET /host HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read();
                assertEquals("200 " + host, response.status() + " " + response.text());
            }
            // HTTP/1.0 does not require a Host
            assertEquals(200, old.send("GET /host HTTP/1.0\r\n\r\n").read().status());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "SQUID", mode = EnumSource.Mode.EXCLUDE)
    void authorityIsPassedOnAsTheClientSendsIt(Proxy program) throws Exception {
        try (RunningProxy proxy = start(program, UnaryOperator.identity());
                Http2Client client = Http2Client.over(RawClient.connect(proxy.portOfHttp2()))) {
            for (String host : HOSTS) {
                int stream = client.newStream();
                client.send(Http2Client.headers(stream, HeaderBlock.request("GET", "/host", host), true));
                assertEquals(host, client.answer(stream).text());
            }
        }
    }

    /** No proxy repeats a request by itself because the server is busy, and all pass on when to come back. */
    @ParameterizedTest
    @EnumSource(Proxy.class)
    void refusalIsPassedOnAndNotRepeated(Proxy program) throws Exception {
        try (RunningProxy proxy = start(program, UnaryOperator.identity())) {
            for (String method : List.of("GET", "POST")) {
                String id = program + method;
                RawClient.Response response = ask(proxy, method + " /busy/" + id + " HTTP/1.1\r\n", "Content-Length: 0\r\n");
                assertEquals(503, response.status());
                assertEquals("7", response.headers().get("retry-after"));
                assertEquals(1, work.piece(id).calls());
            }
        }
    }

    private static void assertRemains(int least, int most, RunningProxy proxy, String headers) {
        RawClient.Response response = ask(proxy, "GET /remaining HTTP/1.1\r\n", headers);
        assertEquals(200, response.status(), response::text);
        int remaining = Integer.parseInt(response.text());
        assertTrue(least <= remaining && remaining <= most, headers + remaining);
    }

    private static RawClient.Response ask(RunningProxy proxy, String line, String headers) {
        try (RawClient client = RawClient.connect(proxy.port())) {
            return client.send(line + "Host: localhost\r\n" + headers + "\r\n").read();
        }
    }

    private static Notice leave(Setup setup, RunningProxy proxy, String version, Kind kind) throws Exception {
        boolean keepsUploads = documented(setup).stream().anyMatch(it -> it.endsWith("not sent"));
        String id = (setup.proxy() + "-" + setup.hashCode() + "-" + version).replaceAll("[^A-Za-z0-9]", "-");
        Piece piece = work.piece(kind + id);
        try (Client client = Client.send(proxy, version, kind, kind + id)) {
            try {
                piece.begun.get(kind == Kind.UPLOAD && keepsUploads ? SHORT_MILLIS : LONG_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                return new Notice("not sent", 0);
            }
            if (kind.streams()) {
                client.awaitBody();
            }
            // what is under way from the proxy to the server arrives first
            TimeUnit.MILLISECONDS.sleep(200);
            long left = System.nanoTime();
            client.leave();
            End end = piece.ended.get(LONG_MILLIS, TimeUnit.MILLISECONDS);
            long millis = TimeUnit.NANOSECONDS.toMillis(end.at() - left);
            return new Notice(end.outcome() == Outcome.DISCONNECTED ? "at once"
                                      : end.outcome() == Outcome.DEADLINE_EXCEEDED ? "deadline" : "not at all", millis);
        }
    }

    private static String row(Setup setup, String version, Map<Kind, Notice> row) {
        String stream = row.get(Kind.SILENT_STREAM).text();
        if (!stream.equals("at once") && row.get(Kind.TICKS).text().equals("at once")) {
            stream = "next write";
        }
        return String.join(" | ", setup.name(), version, setup.server(), row.get(Kind.WAIT).text(), stream,
                           row.get(Kind.READ_BODY).text(), row.get(Kind.UNREAD_BODY).text(), row.get(Kind.UPLOAD).text());
    }

    private static List<String> documented(Setup setup) {
        return Document.named("operations.md").tableBelow(HEADING).stream()
                .filter(it -> it.get(0).equals(setup.name()) && it.get(2).equals(setup.server()))
                .map(it -> String.join(" | ", it))
                .toList();
    }

    private static RunningProxy start(Proxy proxy, UnaryOperator<String> change) throws Exception {
        assumeTrue(proxy.installed().isPresent(), () -> proxy.program() + " is not installed");
        return RunningProxy.start(proxy, work.port(), change);
    }

    /** When the server has noticed a departure. */
    private record Notice(String text, long millis) {
        @Override
        public String toString() {
            return text + " (" + millis + " ms)";
        }
    }
}

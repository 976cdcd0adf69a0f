package dev.hangup.demo;

import java.util.Map;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Neither another site's page nor a name that was rebound starts the demo's work or reads its feed. */
class PageOriginTest {
    private static final String[] GUARDED = {"/no-context?seconds=0", "/with-context?seconds=0", "/no-context/cpu?seconds=0",
            "/with-context/stream?seconds=0", "/with-context/relay", "/page/feed"};
    private static WebServer server;

    @BeforeAll
    static void start() {
        server = PageTest.server(Map.of("allowed-hosts.0", "Demo.Example.com", "allowed-hosts.1", "localhost:9090"));
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example:PORT", "evil.example", "localhost.evil.example:PORT", "localhost.:PORT",
            "127.0.0.1.nip.io:PORT", "localhost:1", "127.0.0.1:1", "0.0.0.0:PORT", "[::]:PORT", "192.0.2.1:PORT",
            "127.0.0.2:PORT", "demo.example.com:PORT"})
    void nameThatIsNotTheServersIsRefused(String host) {
        for (String path : GUARDED) {
            assertRefused(ask(path, "Host: " + ported(host) + "\r\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[::1", "localhost:", "user@localhost:PORT", ""})
    void nameThatIsNoneIsRefusedByHelidon(String host) {
        for (String path : GUARDED) {
            assertEquals(400, ask(path, "Host: " + ported(host) + "\r\n").status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:PORT", "LocalHost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "localhost", "demo.example.com",
            "localhost:9090"})
    void nameOfTheServersPasses(String host) {
        assertEquals(200, ask("/with-context?seconds=0", "Host: " + ported(host) + "\r\n").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "http://evil.example:PORT", "http://localhost:3000", "https://evil.example",
            "null", "", "http://localhost", "file://", "http://localhost:PORT.evil.example"})
    void originOfAnotherIsRefused(String origin) {
        for (String path : GUARDED) {
            assertRefused(ask(path, "Host: " + ported("localhost:PORT") + "\r\nOrigin: " + ported(origin) + "\r\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site", "", "SAME-ORIGIN", "none, cross-site"})
    void otherSitesAreRefused(String site) {
        for (String path : GUARDED) {
            assertRefused(ask(path, "Host: localhost\r\nSec-Fetch-Site: " + site + "\r\n"));
        }
    }

    /** Metrics and requests in flight; a probe for health may call the server by any name. */
    @Test
    void sameGoesForTheObserver() {
        WebServer observed = PageTest.server(Map.of("server.features.observe.observers.hangup.enabled", "true",
                                                    "server.features.observe.observers.hangup.permit-all", "true"));
        try {
            for (String path : new String[] {"/observe/hangup/requests", "/observe/metrics", "/observe/nothing",
                    "/%6fbserve/metrics", "/observe/health/../metrics"}) {
                assertRefused(ask(observed, path, "Host: evil.example:PORT\r\n"));
                assertRefused(ask(observed, path, "Host: localhost:PORT\r\nOrigin: http://evil.example\r\n"));
                assertRefused(ask(observed, path, "Host: localhost:PORT\r\nSec-Fetch-Site: cross-site\r\n"));
            }
            for (String path : new String[] {"//observe/metrics", "/observe//metrics", "/observe/health/%2e%2e/metrics",
                    "/observe/health/..;/metrics", "/observe;/metrics"}) {
                String text = ask(observed, path, "Host: evil.example:PORT\r\n").text();
                assertFalse(text.contains("hangup_"), path);
            }
            assertEquals("[]", ask(observed, "/observe/hangup/requests", "Host: localhost:PORT\r\n").text());
            assertTrue(ask(observed, "/observe/metrics", "Host: localhost:PORT\r\n").text().contains("hangup_"));
            assertEquals(404, ask(observed, "/observe/nothing", "Host: localhost:PORT\r\n").status());
            assertTrue(ask(observed, "/observe/health/ready", "Host: a-probe.example\r\n").status() < 300);
            assertTrue(ask(observed, "/observe/health", "Host: a-probe.example\r\n").status() < 300);
        } finally {
            observed.stop();
        }
    }

    @Test
    void severalOfAHeaderAreRefused() {
        assertRefused(ask("/with-context?seconds=0", "Host: localhost\r\nSec-Fetch-Site: none\r\n"
                + "Sec-Fetch-Site: cross-site\r\n"));
        assertRefused(ask("/with-context?seconds=0", ported("Host: localhost:PORT\r\nOrigin: http://localhost:PORT\r\n"
                                                                    + "Origin: http://evil.example\r\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n", "Origin: http://localhost:PORT\r\n",
            "Origin: https://localhost:PORT\r\n", ""})
    void ownPagesAndTheirUserPass(String headers) {
        assertEquals(200, ask("/no-context?seconds=0", ported("Host: localhost:PORT\r\n" + headers)).status());
    }

    @Test
    void nothingIsStartedForAnotherSite() {
        try (Logged log = Logged.by("dev.hangup")) {
            assertRefused(ask("/no-context?seconds=0", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"));
            assertRefused(ask("/with-context?seconds=0", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"));
            assertEquals(200, ask("/with-context?seconds=0.001", "Host: localhost\r\n").status());
            log.trail().awaitAny(it -> it.startsWith("/with-context: success"), "the work of the one that passes");
            assertEquals(1, log.trail().events().stream().filter(it -> it.contains("sleeping for")).count());
        }
    }

    @Test
    void anUploadOfAnotherSiteIsRefused() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertRefused(client.send("POST /with-context/relay HTTP/1.1\r\n" + ported("Host: localhost:PORT\r\n")
                                              + "Origin: http://evil.example\r\nContent-Length: 5\r\n\r\nhello").read());
        }
    }

    @Test
    void sameGoesForHttp2() {
        try (Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            assertEquals(200, client.answer(client.get("/with-context?seconds=0")).status());
            assertEquals(403, client.answer(client.get("/with-context?seconds=0", "sec-fetch-site", "cross-site")).status());
            assertEquals(403, client.answer(client.get("/with-context?seconds=0", "origin", "http://evil.example")).status());
        }
    }

    /** A link on another page leads to the page; nothing on it starts by itself. */
    @Test
    void pageItselfMayBeLinkedTo() {
        assertEquals(200, ask("/", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n").status());
    }

    @Test
    void serverThatListensEverywhereGoesByTheAddressThatIsCalled() {
        WebServer everywhere = Demo.server(Config.just(ConfigSources.create(Map.of("server.host", "0.0.0.0")))).start();
        try {
            assertEquals(403, ask(everywhere, "/with-context?seconds=0", "Host: 0.0.0.0:PORT\r\n").status());
            assertEquals(403, ask(everywhere, "/with-context?seconds=0", "Host: 192.0.2.1:PORT\r\n").status());
            assertEquals(200, ask(everywhere, "/with-context?seconds=0", "Host: 127.0.0.1:PORT\r\n").status());
            assertTrue(Demo.welcome(everywhere, true).contains("http://localhost:" + everywhere.port() + "/ in a browser"));
        } finally {
            everywhere.stop();
        }
    }

    private static void assertRefused(RawClient.Response response) {
        assertEquals(403, response.status(), response.text());
        assertEquals("application/problem+json", response.headers().get("content-type"));
        assertEquals(1, response.text().lines().count());
        assertFalse(response.text().contains("evil"), response.text());
    }

    private static RawClient.Response ask(String path, String headers) {
        return ask(server, path, headers);
    }

    private static RawClient.Response ask(WebServer server, String path, String headers) {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.send("GET " + path + " HTTP/1.1\r\n" + headers.replace("PORT", "" + server.port()) + "\r\n").read();
        }
    }

    private static String ported(String text) {
        return text.replace("PORT", String.valueOf(server.port()));
    }
}

package dev.hangup.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import dev.hangup.testing.RawClient;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The files of the page, and its configuration. */
class PageTest {
    private static final Pattern FROM_OUTSIDE = Pattern.compile(
            "(src|href|url|from|import|fetch|EventSource)\\W{1,4}(https?:)?//");
    private static final Pattern MARKUP = Pattern.compile(
            "innerHTML|outerHTML|insertAdjacent|document\\.write|eval\\(|style=");
    private static final Pattern BUTTON = Pattern.compile("name=\"kind\" value=\"(\\w+)\"[^>]*><span>([^<]+)</span>");
    private static final Pattern WORD = Pattern.compile("(\\w+): '([^']+)',");
    private static WebServer server;

    @BeforeAll
    static void start() {
        server = server(Map.of());
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    /** The demo on a port of its own. The settings come before those that all tests have. */
    static WebServer server(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        all.put("server.host", "localhost");
        all.put("server.features.hangup.watch", System.getProperty("hangup.watch", "true"));
        all.putAll(settings);
        return Demo.server(Config.just(ConfigSources.create(all))).start();
    }

    @ParameterizedTest
    @CsvSource({"/, text/html", "/page/page.css, text/css", "/page/main.js, text/javascript", "/page/feed.js, text/javascript",
            "/page/cluster.js, text/javascript", "/page/trial.js, text/javascript", "/page/sides.js, text/javascript",
            "/page/lists.js, text/javascript", "/page/totals.js, text/javascript", "/page/chart.js, text/javascript",
            "/page/words.js, text/javascript", "/page/icon.svg, image/svg+xml"})
    void nothingComesFromElsewhereOrIsMarkupOfWords(String path, String type) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path).read();
            assertEquals(200, response.status());
            assertEquals(type, response.headers().get("content-type").replace("; charset=utf-8", ""));
            assertEquals("nosniff", response.headers().get("x-content-type-options"));
            String policy = response.headers().get("content-security-policy");
            assertTrue(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self';"), policy);
            assertFalse(policy.contains("unsafe"), policy);
            assertFalse(FROM_OUTSIDE.matcher(response.text()).find(), path);
            assertFalse(MARKUP.matcher(response.text()).find(), path);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/page/page.css"})
    void aHeadRequestGetsTheHeadersOnly(String path) {
        try (RawClient client = client()) {
            client.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            String head = client.readHead();
            assertTrue(head.startsWith("HTTP/1.1 200 ") && head.contains("nosniff"), head);
            assertEquals(200, client.get("/page/icon.svg").read().status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/page/page.css", "/page/feed"})
    void otherMethodsAreRefused(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                                                              + "Content-Length: 0\r\n\r\n").read();
            assertEquals(405, response.status());
            assertEquals("GET, HEAD", response.headers().get("allow"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/page", "/page/", "/page/index.html", "/page/Page.class", "/page/..%2fDemo.class", "/index.html"})
    void nothingElseIsThere(String path) {
        try (RawClient client = client()) {
            assertEquals(404, client.get(path).read().status());
        }
    }

    @Test
    void kindsOfWorkHaveTheSameNamesInTheListsAsAtTheirButtons() {
        try (RawClient client = client()) {
            Map<String, String> buttons = new LinkedHashMap<>();
            BUTTON.matcher(client.get("/").read().text()).results().forEach(it -> buttons.put(it.group(1), it.group(2)));
            assertTrue(buttons.size() > 5, buttons.toString());
            String words = client.get("/page/words.js").read().text();
            assertEquals(buttons, words(words, "names"));
            assertEquals(buttons.keySet(), words(words, "about").keySet());
        }
    }

    /** Returns the entries of an object that a script exports. */
    private static Map<String, String> words(String script, String name) {
        String begin = "export const " + name + " = {";
        String from = script.substring(script.indexOf(begin) + begin.length());
        Map<String, String> words = new LinkedHashMap<>();
        WORD.matcher(from.substring(0, from.indexOf("};"))).results().forEach(it -> words.put(it.group(1), it.group(2)));
        return words;
    }

    @Test
    void misspeltSwitchIsRefused() {
        ConfigException refused = assertThrows(ConfigException.class, () -> server(Map.of("page.enabled", "ture")));
        assertEquals("page.enabled must be true or false, but is ture", refused.getMessage());
    }

    @Test
    void switchedOffThereIsNothing() {
        WebServer off = server(Map.of("page.enabled", "false"));
        try (RawClient client = RawClient.connect(off.port())) {
            for (String path : new String[] {"/", "/page/page.css", "/page/main.js", "/page/feed"}) {
                assertEquals(404, client.get(path).read().status(), path);
            }
            for (String path : new String[] {"/no-context", "/with-context"}) {
                // what tags are for is not there
                assertEquals(200, client.get(path + "?seconds=0", "Page-Tag: <none>\r\n").read().status());
            }
        } finally {
            off.stop();
        }
    }

    @Test
    void whoStartsTheDemoIsReportedIt() {
        String address = "http://localhost:" + server.port() + "/ in a browser";
        assertTrue(Demo.welcome(server, true).contains(address));
        assertFalse(Demo.welcome(server, false).contains("browser"));
    }

    @Test
    void ipv6AddressIsInBracketsInAUrl() {
        assumeTrue(hasIpv6(), "This machine has no IPv6 loopback address");
        WebServer server = server(Map.of("server.host", "::1"));
        try {
            String welcome = Demo.welcome(server, true);
            assertTrue(welcome.contains(" http://[::1]:" + server.port() + "/ in a browser"), welcome);
        } finally {
            server.stop();
        }
    }

    private static boolean hasIpv6() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"page.max-open", "page.max-open-per-client"})
    void aBoundThatIsNoneIsNamed(String key) {
        ConfigException refused = assertThrows(ConfigException.class, () -> server(Map.of(key, "0")));
        assertEquals(key + " must be at least 1, but is 0", refused.getMessage());
    }

    private static RawClient client() {
        return RawClient.connect(server.port());
    }
}

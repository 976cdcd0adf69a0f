package dev.hangup.demo;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Browser;
import dev.hangup.testing.ChildJvm;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What the page shows when its server stops, is killed, stands still or comes back. Needs a Chromium, as PageInBrowserTest. */
class PageServerLostTest {
    private static final int PHONE_WIDTH = 375;
    private static final int PHONE_HEIGHT = 800;
    private static Browser browser;
    private static PageUser user;

    @BeforeAll
    static void open() throws IOException {
        if (Browser.missing().isEmpty()) {
            browser = Browser.open();
            user = new PageUser(browser);
        }
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void isThere() {
        Optional<String> missing = Browser.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        browser.size(PHONE_WIDTH, PHONE_HEIGHT);
    }

    @AfterEach
    void leave() {
        if (browser != null) {
            browser.go("about:blank");
        }
    }

    @Test
    void whoWaitsWhenTheServerStopsSeesThe503() {
        WebServer server = PageTest.server(Map.of());
        try {
            user.visit("http://localhost:" + server.port() + "/");
            user.ask("sleep", 3600);
            user.start();
        } finally {
            server.stop();
        }
        user.awaitText("#hangup", text -> text.contains("Answered 503")
                && text.contains("The server says: “The server is stopping”."));
        // Helidon closes connections as soon as it has interrupted the work: its answer may be lost
        user.awaitText("#bare", text -> text.contains("Answered 503") || text.contains("Connection broke"));
        seesTheServerLost();
    }

    @Test
    void whatRanForNobodyDoesNotRunOnWhenTheServerHasStopped() {
        WebServer server = PageTest.server(Map.of());
        try {
            user.visit("http://localhost:" + server.port() + "/");
            user.ask("sleep", 3600);
            user.start();
            user.hangUp();
        } finally {
            server.stop();
        }
        // the server's last news may be that it has ended
        browser.await("#bare:is([data-state=unknown], [data-state=wasted])");
        browser.await("#hangup[data-state=stopped]");
        seesTheServerLost();
    }

    @Test
    void whoWaitsWhenTheServerIsKilledSeesTheConnectionBreak() throws Exception {
        try (DemoProcess server = DemoProcess.start(0)) {
            user.visit(server.address());
            user.ask("sleep", 3600);
            user.start();
            server.kill();
            for (String side : List.of("#bare", "#hangup")) {
                user.awaitText(side, text -> text.contains("Connection broke")
                        && text.contains("The server was lost before its answer was complete."));
            }
            seesTheServerLost();
        }
    }

    @Test
    void whatBecameOfTheWorkOfAServerThatWasKilledIsNotKnownUntilAnotherStarts() throws Exception {
        try (DemoProcess server = DemoProcess.start(0)) {
            user.visit(server.address());
            user.ask("sleep", 3600);
            user.start();
            user.hangUp();
            server.kill();
            user.awaitText("#bare", text -> text.contains("Not known")
                    && text.contains("The server cannot be reached. The work may go on, for nobody."));
            // what is known stays
            browser.await("#hangup[data-state=stopped]");
            seesTheServerLost();

            try (DemoProcess next = DemoProcess.start(server.port())) {
                browser.await("#link[data-state=live]");
                user.awaitText("#bare", text -> text.contains("Ended with its server"));
                browser.await("#hangup[data-state=stopped]");
                user.seesAllOfTheTrial();
                assertEquals("Nothing.", browser.find("#none-running").getText());
                assertEquals("0 s", user.total("wasted", "bare"));
                user.ask("cpu", 3600);
                user.start();
                user.hangUp();
                user.awaitText("#ended", text -> text.contains("Computation") && !text.contains("Sleep"));
            }
        }
    }

    @Test
    void whatAServerDoesThatStandsStillIsNotKnown() throws Exception {
        try (DemoProcess server = DemoProcess.start(0)) {
            user.visit(server.address());
            user.ask("sleep", 3600);
            user.start();
            server.signal("STOP");
            browser.await("#link[data-state=silent]");
            user.awaitText("#bare", text -> text.contains("Not known"));
            user.awaitText("#hangup", text -> text.contains("Not known"));
            seesNothingGoOn();
            server.signal("CONT");
            browser.await("#link[data-state=live]");
            browser.await("#bare[data-state=running]");
            browser.await("#hangup[data-state=running]");
        }
    }

    @Test
    void aPageThatConnectsAgainGoesOn() {
        WebServer server = PageTest.server(Map.of());
        try {
            user.visit("http://localhost:" + server.port() + "/");
            user.ask("sleep", 3600);
            user.start();
            browser.run("""
                    window.links = [];
                    const link = document.getElementById('link');
                    new MutationObserver(() => links.push(link.dataset.state)).observe(link, { attributeFilter: ['data-state'] });
                    """);
            Hangup hangup = server.prototype().features().stream()
                    .filter(Hangup.class::isInstance)
                    .map(Hangup.class::cast)
                    .findFirst()
                    .orElseThrow();
            browser.await("its feed is cancelled", () -> hangup.inFlight().stream()
                    .anyMatch(it -> it.request().route().equals("/page/feed") && hangup.cancel(it.request().id())));
            browser.await("it has connected again",
                          () -> browser.run("return links.includes('lost') && links.at(-1) === 'live'").equals(true));
            assertEquals("running", browser.find("#bare").getDomAttribute("data-state"));
            String figure = user.text("#bare .figure");
            browser.await("its clock runs on", () -> !user.text("#bare .figure").equals(figure));
            user.hangUp();
            user.awaitText("#running", text -> text.contains("nobody"));
        } finally {
            browser.go("about:blank");
            server.stop();
        }
    }

    private static void seesTheServerLost() {
        browser.await("#link[data-state=lost]");
        assertEquals("The server cannot be reached. Trying again", user.text("#link-word").strip());
        user.awaitText("#running-title", text -> text.equals("In flight when the server was last heard"));
        user.awaitText("#hang-up", text -> browser.find("#hang-up").getDomAttribute("aria-disabled").equals("true"));
        seesNothingGoOn();
        assertEquals(List.of(), browser.run(Contrast.SCRIPT));
        user.seesAllOfTheTrial();
    }

    /** Clocks are painted ten times in a second. */
    private static void seesNothingGoOn() {
        Object before = shown();
        browser.run("return new Promise(resolve => setTimeout(resolve, 500))");
        assertEquals(before, shown());
    }

    private static Object shown() {
        return browser.run("""
                const shown = document.querySelectorAll('.side, .lists, .charts, #totals');
                return Array.from(shown, it => it.outerHTML).join('\\n')""");
    }

    /** The demo in a process of its own. */
    private static final class DemoProcess implements AutoCloseable {
        private final Process process;
        private final String address;

        private DemoProcess(Process process, String address) {
            this.process = process;
            this.address = address;
        }

        static DemoProcess start(int port) throws IOException {
            Process process = ChildJvm.running("dev.hangup.demo.Main", List.of("-Dserver.port=" + port, "-Disolated.size=1"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String begin = "Hangup listens on ";
            String welcome = process.inputReader().lines()
                    .filter(it -> it.startsWith(begin))
                    .findFirst()
                    .orElseThrow(() -> new IOException("It has not started"));
            return new DemoProcess(process, welcome.substring(begin.length()).replaceFirst("\\. .*", "") + "/");
        }

        String address() {
            return address;
        }

        int port() {
            return Integer.parseInt(address.replaceFirst(".*:(\\d+)/", "$1"));
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        void signal(String name) throws IOException, InterruptedException {
            assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor());
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly().waitFor(Await.TIME.toSeconds(), TimeUnit.SECONDS);
        }
    }
}

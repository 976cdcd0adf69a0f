package dev.hangup.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Browser;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The page as its user has it. Needs a Chromium and its driver; skipped where there are none. */
class PageInBrowserTest {
    private static Browser browser;
    private static PageUser user;

    private WebServer server;

    @BeforeAll
    static void open() throws IOException {
        Optional<String> missing = Browser.missing();
        if (missing.isPresent()) {
            System.err.println(PageInBrowserTest.class.getSimpleName() + ": " + missing.get());
        } else {
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
    void visit() {
        Optional<String> missing = Browser.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        server = PageTest.server(Map.of());
        visitPage();
    }

    private void visitPage() {
        browser.size(1440, 900);
        user.visit("http://localhost:" + server.port() + "/");
    }

    @AfterEach
    void stop() {
        if (server == null) {
            return;
        }
        List<String> complaints = browser.complaints();
        browser.go("about:blank");
        server.stop();
        assertEquals(List.of(), complaints);
        Await.until("nothing of it is left", () -> Usage.connectionThreads() == 0);
    }

    @Test
    void startHangUpAndSeeTheOneStopAndTheOtherGoOn() {
        user.ask("sleep", 3600);
        user.start();
        user.awaitText("#running", text -> text.contains("you") && text.contains("of 30 s") && text.contains("no deadline"));

        user.hangUp();
        user.awaitText("#hangup", text -> text.matches("(?s).*Stopped\\s+[\\d.]+ m?s after you left.*The server noticed, and.*"));
        user.awaitText("#bare", text -> text.contains("Working for nobody") && text.contains("Plain Helidon does not know."));
        user.awaitText("#news", text -> text.matches("Under Hangup the work stopped within [\\d.]+ m?s\\."));
        user.awaitText("#running", text -> text.contains("nobody"));
        user.awaitText("#ended", text -> text.contains("client left, stopped in "));

        String clock = user.text("#bare .figure");
        browser.await("its clock runs on", () -> !user.text("#bare .figure").equals(clock));
        String stopped = user.text("#hangup .figure");
        assertEquals(stopped, user.text("#hangup .figure"));
    }

    @Test
    void clusterIsShownIfThereIsOne() throws Exception {
        browser.await("#cluster[hidden]");
        browser.go("about:blank");
        server.stop();
        server = PageTest.server(ClusterKeys.generate().settings(FreePorts.one(), List.of()));
        visitPage();
        browser.await("#cluster:not([hidden])");
        user.awaitText("#cluster", text -> text.matches("(?s).*Cluster.*One member\\..*127\\.0\\.0\\.1:\\d+ \\(this one\\).*"
                + "0 computed here, 0 waited for elsewhere.*0 succeeded, 0 failed, 0 lost, 0 cancelled.*"));
    }

    @Test
    void whoStaysIsAnswered() {
        user.ask("sleep", 0.2);
        browser.find("#start").click();
        user.awaitText("#bare", text -> text.contains("Answered 200"));
        user.awaitText("#hangup", text -> text.contains("Answered 200"));
        browser.await("#start[aria-disabled=false]");
        browser.await("#hang-up[aria-disabled=true]");
    }

    @ParameterizedTest
    @CsvSource({"cpu, Computation", "query, Database query", "stream, Event stream", "process, Other program",
            "isolated, Native code"})
    void eachKindOfWorkIsStoppedUnderHangup(String kind, String name) {
        user.ask(kind, 3600);
        user.start();
        user.awaitText("#running", text -> text.split(name, -1).length == 3);
        browser.find("#hang-up").click();
        browser.await("#hangup[data-state=stopped]");
    }

    @Test
    void unresponsiveWorkIsShownToGoOn() {
        // nothing ends it sooner
        user.ask("unresponsive", 8);
        user.start();
        browser.find("#hang-up").click();
        user.awaitText("#hangup", text -> text.contains("Cancelled") && text.contains("It ignores interrupts."));
    }

    /** The page shows what the server has noticed, not what it should have noticed. */
    @Test
    void aServerThatDoesNotNoticeIsNotShownToHaveNoticed() {
        browser.go("about:blank");
        server.stop();
        server = PageTest.server(Map.of("server.features.hangup.watch", "false"));
        visitPage();
        user.ask("sleep", 3);
        user.start();
        browser.run("""
                window.shown = [];
                for (const id of ['hangup', 'news']) {
                  const element = document.getElementById(id);
                  new MutationObserver(() => shown.push(element.textContent))
                    .observe(element, { subtree: true, childList: true, characterData: true });
                }""");
        browser.find("#hang-up").click();
        user.awaitText("#hangup", text -> text.matches("(?s).*Working for nobody.* s after you left\\s+"
                + "You left after [\\d.]+ s\\. The server has not noticed\\..*"));
        user.awaitText("#hangup", text -> text.contains("Finished, for nobody") && text.contains("Its answer reached nobody: "));
        List<?> shown = (List<?>) browser.run("return shown");
        assertEquals(List.of(), shown.stream().map(String::valueOf)
                .filter(it -> it.matches("(?s).*(ignores interrupts|The server noticed|Cancelled|Stopped).*"))
                .toList());
        assertTrue(shown.stream().map(String::valueOf).anyMatch(it -> it.matches(
                "The server did not notice that you had left, and worked on for [\\d.]+ m?s\\.")), shown::toString);
    }

    @Test
    void anAnswerThatNobodyWaitsForIsSaidToBe() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        try (Target target = Target.doing((call, socket) -> {
            awaitLatch(left);
            return Target.say(socket, Target.answer("200 OK", "late"));
        })) {
            browser.go("about:blank");
            server.stop();
            server = PageTest.server(Map.of("relay.url", target.url()));
            visitPage();
            browser.find("input[value=relay]").click();
            user.start();
            browser.find("#hang-up").click();
            browser.await("#hangup[data-state=stopped]");
            left.countDown();
            user.awaitText("#bare", text -> text.matches("(?s).*Finished, for nobody.* after you left.*"
                    + "Its answer reached nobody: .* of work were wasted\\..*"));
            user.awaitText("#ended", text -> text.contains("answered 200, to nobody"));
            assertNotEquals("0 s", user.total("wasted", "bare"));
        }
    }

    @Test
    void theKeyboardIsEnough() {
        browser.find("#seconds").clear();
        browser.find("#seconds").sendKeys("3600");
        browser.run("document.activeElement.blur(); window.getSelection().removeAllRanges(); document.body.focus()");
        focus("input[name=kind]:checked");
        browser.press(Keys.ARROW_RIGHT);
        assertEquals("cpu", browser.find("input[name=kind]:checked").getDomAttribute("value"));
        focus("#start");
        browser.press(Keys.SPACE);
        browser.await("#hangup[data-state=running]");
        assertEquals("start", browser.focused().getDomAttribute("id"));
        focus("#hang-up");
        browser.press(Keys.ENTER);
        browser.await("#hangup[data-state=stopped]");
        assertEquals("hang-up", browser.focused().getDomAttribute("id"));
    }

    @ParameterizedTest
    @CsvSource({"375, light", "375, dark", "1440, light", "1440, dark"})
    void fitsAndIsReadable(int width, String scheme) {
        browser.size(width, 800).prefer("prefers-color-scheme", scheme);
        user.ask("sleep", 3600);
        user.start();
        assertEquals(List.of(), browser.run(Contrast.SCRIPT));
        user.hangUp();
        user.awaitText("#ended", text -> text.contains("client left"));
        assertEquals((long) width, browser.run("return document.documentElement.scrollWidth"));
        assertEquals(List.of(), browser.run(Contrast.SCRIPT));
    }

    @Test
    void theWholeTrialFitsAPhone() {
        browser.size(375, 800);
        user.seesAllOfTheTrial();
        for (String kind : List.of("cpu", "query", "stream", "process", "isolated", "unresponsive")) {
            browser.find("input[value=" + kind + "]").click();
            user.seesAllOfTheTrial();
        }
        user.ask("sleep", 3600);
        user.start();
        user.seesAllOfTheTrial();
        user.hangUp();
        user.seesAllOfTheTrial();
    }

    @Test
    void theFirstTrialFillsTheChart() {
        assertEquals("30 s ago", user.text(".spent[data-variant=bare] .begin"));
        user.ask("sleep", 3600);
        user.start();
        browser.await("work in flight is a tenth of the chart", () -> part("pending") > 0.1);
        user.hangUp();
        browser.await("all of it is wasted once it is left", () -> part("pending") == 0 && part("wasted") > 0.1);
        assertEquals("30 s ago", user.text(".spent[data-variant=bare] .begin"));
    }

    @ParameterizedTest
    @CsvSource({"1, 30 s ago", "30, 30 s ago", "31, 60 s ago", "61, 90 s ago", "100, 2 min ago", "121, 3 min ago",
            "180, 3 min ago"})
    void theAxisGrowsWithTheWorkThatIsShown(int seconds, String begin) {
        assertEquals(begin, browser.run("""
                const [chart, feed] = await Promise.all([import('/page/chart.js'), import('/page/feed.js')]);
                const slots = Array.from({ length: arguments[0] }, () => [1000, 0, 0, 0]);
                chart.draw({ slot: Math.floor(feed.now() / 1000), variants: { bare: { slots }, hangup: { slots: [] } } });
                const chartOfBare = document.querySelector('.spent[data-variant=bare]');
                const { x, width } = chartOfBare.querySelector('path.useful').getBBox();
                const end = chartOfBare.querySelector('svg').viewBox.baseVal.width;
                const axis = end - 22;
                const wanted = { '30 s': 30, '60 s': 60, '90 s': 90, '2 min': 120, '3 min': 180 };
                const text = chartOfBare.querySelector('.begin').textContent;
                const expected = axis * arguments[0] / wanted[text.replace(' ago', '')];
                // the first bar may have begun before
                const close = it => Math.abs(it - expected) < 1 + axis / 60;
                return close(end - x) && close(width) ? text : `${text}, ${width} from ${x} of ${end}`;""", seconds));
    }

    @Test
    void oneRowComparesBothSides() {
        user.ask("sleep", 0.2);
        browser.find("#start").click();
        user.awaitText("#bare", text -> text.contains("Answered 200"));
        user.awaitText("#hangup", text -> text.contains("Answered 200"));
        for (String variant : List.of("bare", "hangup")) {
            browser.await("its work was useful", () -> !user.total("useful", variant).equals("0 s"));
            assertEquals("0 s 0 s 1", user.total("wasted", variant) + " " + user.total("unknown", variant) + " "
                    + user.total("ended", variant));
        }
        try (RawClient other = RawClient.connect(server.port())) {
            other.get("/no-context?seconds=0.2").read();
            browser.await("nobody knows who waited", () -> !user.total("unknown", "bare").equals("0 s"));
        }
        assertEquals("0 s", user.total("unknown", "hangup"));
        assertEquals(List.of(), browser.run("""
                return Array.from(document.querySelectorAll('#totals tbody tr'))
                  .filter(row => new Set(Array.from(row.cells, it => it.getBoundingClientRect().top)).size !== 1)
                  .map(row => row.textContent);"""));
    }

    /** How much of the chart's width, in which work ran on plain Helidon of which that became. */
    private static double part(String usefulness) {
        return ((Number) browser.run("""
                const svg = document.querySelector('.spent[data-variant=bare] svg');
                return (svg.querySelector('path.' + arguments[0])?.getBBox().width ?? 0) / svg.viewBox.baseVal.width;""",
                                     usefulness)).doubleValue();
    }

    @Test
    void nothingMovesForWhoWantsThat() {
        browser.prefer("prefers-reduced-motion", "reduce");
        user.ask("sleep", 3600);
        browser.find("#start").click();
        browser.await("#hangup[data-state=running]");
        browser.find("#hang-up").click();
        browser.await("#bare[data-state=alone]");
        assertEquals(0L, browser.run("return document.getAnimations().length"));
        browser.prefer("prefers-reduced-motion", "no-preference");
        browser.await("it moves for others", () -> browser.run("return document.getAnimations().length").equals(1L));
    }

    @Test
    void theFeedEndsWithThePage() {
        try (Logged log = Logged.by("dev.hangup"); FeedReader other = FeedReader.open(server.port())) {
            other.await("two pages", it -> it.getInt("pages") == 2);
            browser.go("about:blank");
            other.await("one page", it -> it.getInt("pages") == 1);
            log.trail().awaitAny(event -> event.startsWith("disconnected GET /page/feed "), "the end of the feed");
        }
    }

    @Test
    void pageThatIsOneTooManyIsToldSo() {
        browser.go("about:blank");
        // the feed of the page before counts until its end is noticed
        Hangup hangup = server.prototype().features().stream().filter(Hangup.class::isInstance).map(Hangup.class::cast)
                .findFirst().orElseThrow();
        Await.until("no feed is left", () -> hangup.inFlight().stream()
                .noneMatch(it -> it.request().route().equals("/page/feed")));
        try (FeedReader one = FeedReader.open(server.port()); FeedReader two = FeedReader.open(server.port());
                FeedReader three = FeedReader.open(server.port()); FeedReader four = FeedReader.open(server.port())) {
            four.await("no other page is left", it -> it.getInt("pages") == 4);
            browser.go("http://127.0.0.1:" + server.port() + "/").await("#link[data-state=crowded]");
            user.awaitText("#link-word", text -> text.startsWith("You have as many of these pages open as one address may "));
            four.leave();
            browser.await("#link[data-state=live]");
        }
        assertTrue(browser.complaints().stream().allMatch(it -> it.contains("429")));
    }

    /** A page that was refused, left and shown again has one feed, even if it asked before for another attempt. */
    @Test
    void pageThatIsShownAgainTakesOnePlace() {
        assertEquals("2 open, 0 timers", withFeedOfItsOwn("""
                window.fetch = async () => ({ status: 429 });
                follow();
                refuse(feeds[0]);
                if (timers.size !== 1) {
                    return 'It does not try again';
                }
                dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
                // the page's own feed, too, is opened again
                dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
                Array.from(timers.values()).forEach(it => it());
                return feeds.filter(it => it.readyState !== 2).length + ' open, ' + timers.size + ' timers';"""));
    }

    @Test
    void reasonOfARefusalThatComesLateDoesNotReplaceALiveFeed() {
        assertEquals("live", withFeedOfItsOwn("""
                let respond;
                window.fetch = () => new Promise(resolve => { respond = resolve; });
                follow();
                refuse(feeds[0]);
                Array.from(timers.values()).forEach(it => it());
                state(feeds[1]);
                respond({ status: 429 });
                await new Promise(resolve => setTimeout(resolve, 10));
                return links.join(', ');"""));
    }

    /** Such as one behind a proxy that has lost the server, or of a machine that has slept. */
    @Test
    void feedOnWhichNothingComesIsOpenedAgain() {
        assertEquals("1 live, 2 silent, 2 silent, 3 silent, 3 live, 3 lost, 3 lost", withFeedOfItsOwn("""
                const steps = [];
                const at = seconds => {
                    performance.now = () => seconds * 1000;
                    intervals.forEach(it => it());
                };
                const step = () => steps.push(feeds.length + ' ' + links.at(-1));
                at(0);
                follow();
                state(feeds[0]);
                at(39);
                step();
                at(41);
                step();
                at(80);
                step();
                at(82);
                step();
                state(feeds.at(-1));
                step();
                at(121);
                // the browser tries again by itself
                feeds.at(-1).listeners.error();
                step();
                at(123);
                step();
                return steps.join(', ');"""));
    }

    /**
     * Runs a script with a second instance of the module that has the feed. The script controls the instance's feeds and timers,
     * and learns what it says of the link.
     */
    private static Object withFeedOfItsOwn(String script) {
        return browser.run("""
                const feeds = [];
                const timers = new Map();
                const intervals = [];
                const links = [];
                const { EventSource, setTimeout, clearTimeout, setInterval, fetch } = window;
                const originals = { EventSource, setTimeout, clearTimeout, setInterval, fetch };
                Object.assign(window, {
                    EventSource: class {
                        static CLOSED = 2;
                        readyState = 0;
                        listeners = {};
                        constructor() { feeds.push(this); }
                        addEventListener(name, listener) { this.listeners[name] = listener; }
                        close() { this.readyState = 2; }
                    },
                    setTimeout(callback) { timers.set(feeds.length, callback); return feeds.length; },
                    clearTimeout(id) { timers.delete(id); },
                    setInterval(callback) { intervals.push(callback); },
                });
                const refuse = feed => { feed.readyState = 2; feed.listeners.error(); };
                const state = feed => feed.listeners.state({ data: '{ "server": "one", "now": 0, "running": [] }' });
                try {
                    const feed = await import('/page/feed.js?of-its-own');
                    const follow = () => feed.follow({ state() { }, link(name) { links.push(name); } });
                    return await (async () => { %s })();
                } finally {
                    Object.assign(window, originals);
                    delete performance.now;
                }""".formatted(script));
    }

    /** A page of another site, which has images, forms and scripts that ask for work. */
    @Test
    void pageOfAnotherSiteStartsNothing() throws Exception {
        String work = "http://localhost:" + server.port() + "/no-context?seconds=0.02";
        String page = "<img src='" + work + "'><script>fetch('" + work + "', {mode: 'no-cors'})"
                + ".then(() => document.title = 'asked')</script>";
        try (Logged log = Logged.by("dev.hangup.demo");
                Target other = Target.answering("200 OK\r\nContent-Type: text/html", page)) {
            browser.go(other.url());
            browser.await("it has asked", () -> "asked".equals(browser.run("return document.title")));
            assertEquals(List.of(), log.trail().events().stream().filter(it -> it.contains("sleeping")).toList());
        }
        List<String> complaints = browser.complaints();
        assertTrue(complaints.stream().anyMatch(it -> it.contains("/no-context?seconds=0.02") && it.contains("403")),
                   complaints.toString());
    }

    @Test
    void everythingHasAName() {
        List<String> names = new ArrayList<>();
        for (String selector : new String[] {"main", "header", "footer", "main section", "fieldset", "#bare", "#hangup",
                ".spent[data-variant=bare]", "#seconds", "#start", "#hang-up", "[role=status]", "svg"}) {
            names.add(selector + ": " + browser.find(selector).getAriaRole());
        }
        assertEquals(List.of("main: main", "header: banner", "footer: contentinfo", "main section: region", "fieldset: group",
                             "#bare: article", "#hangup: article", ".spent[data-variant=bare]: figure", "#seconds: spinbutton",
                             "#start: button", "#hang-up: button", "[role=status]: status", "svg: image"), names);
        assertEquals("Under Hangup", browser.find("#hangup").getAccessibleName());
        assertEquals("Seconds", browser.find("#seconds").getAccessibleName());
        assertEquals("Work", browser.find("fieldset").getAccessibleName());
        browser.await("the chart is told in words", () -> browser.find("svg").getAccessibleName()
                .startsWith("In the last 30 seconds, plain Helidon: 0 s of work useful, 0 s wasted, 0 s unknown"));
    }

    private static void awaitLatch(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    /** Goes there by the tab key, and sees that one sees where one is. */
    private static void focus(String selector) {
        for (int i = 0; i < 20; i++) {
            browser.press(Keys.TAB);
            if ((boolean) browser.run("return document.activeElement.matches(arguments[0])", selector)) {
                assertTrue((boolean) browser.run("""
                        const shown = [document.activeElement, document.activeElement.nextElementSibling];
                        return shown.some(it => it && getComputedStyle(it).outlineStyle === 'solid');"""), selector);
                return;
            }
        }
        throw new AssertionError("The tab key does not lead to " + selector);
    }
}

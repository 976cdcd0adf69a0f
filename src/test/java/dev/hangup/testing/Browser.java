package dev.hangup.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium with a profile of its own. */
public final class Browser implements AutoCloseable {
    private static final List<String> BROWSERS = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser",
                                                         "/usr/bin/google-chrome");
    private static final List<String> DRIVERS = List.of("/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver",
                                                        "/usr/lib/chromium-browser/chromedriver");
    /** Long: a browser on a busy machine takes its time. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /**
     * Waits in the page until it changes and something in it holds, or for so many milliseconds: to ask again and again would
     * keep the driver and three processes of the browser busy.
     */
    private static final String CHANGE = """
            const [millis, selector] = arguments;
            const holds = () => selector && document.querySelector(selector);
            return holds() || new Promise(resolve => {
                const changes = new MutationObserver(() => { if (!selector || holds()) { end(); } });
                const late = setTimeout(() => end(), millis);
                const end = () => { changes.disconnect(); clearTimeout(late); resolve(holds()); };
                changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            });""";
    /** For a selector, whose match is a change of the page. */
    private static final int CHANGE_MILLIS = 1000;
    /** For whatever else, such as a size or a state of the server, which nothing in the page tells. */
    private static final int PAUSE_MILLIS = 50;

    /** It has to say that it does not know the latest browser, of which nothing is asked that only it would know. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private final ChromeDriver driver;
    private final Path profile;

    private Browser(ChromeDriver driver, Path profile) {
        this.driver = driver;
        this.profile = profile;
    }

    /** Why there can't be one; empty if there can. */
    public static Optional<String> missing() {
        List<String> missing = new ArrayList<>();
        if (found("hangup.chromium", BROWSERS).isEmpty()) {
            missing.add("no Chromium (Debian: apt-get install chromium; or -Dhangup.chromium=FILE)");
        }
        if (found("hangup.chromedriver", DRIVERS).isEmpty()) {
            missing.add("no chromedriver (Debian: apt-get install chromium-driver; or -Dhangup.chromedriver=FILE)");
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of("Not run: there is " + String.join(", and ", missing));
    }

    /** Opens one. */
    public static Browser open() throws IOException {
        SELENIUM.setLevel(Level.SEVERE);
        Path profile = Files.createTempDirectory("hangup-browser");
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(found("hangup.chromium", BROWSERS).orElseThrow().toFile());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
                             "--no-first-run", "--disable-background-networking", "--disable-component-update",
                             "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + profile,
                             // no process that is not needed: none for a next page that may come, and none for a GPU
                             "--disable-features=SpareRendererForSitePerProcess,BackForwardCache", "--in-process-gpu",
                             "--no-zygote");
        options.setAcceptInsecureCerts(true);
        options.setCapability("goog:loggingPrefs", logging);
        File driver = found("hangup.chromedriver", DRIVERS).orElseThrow().toFile();
        ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(driver).build();
        return new Browser(new ChromeDriver(service, options), profile);
    }

    /** Goes to an address. */
    public Browser go(String url) {
        driver.get(url);
        return this;
    }

    /** Makes the page so wide and high, as a screen of that size would show it. */
    public Browser size(int width, int height) {
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                                 Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        return this;
    }

    /** What its user prefers, such as {@code prefers-color-scheme}. */
    public Browser prefer(String feature, String value) {
        driver.executeCdpCommand("Emulation.setEmulatedMedia",
                                 Map.of("features", List.of(Map.of("name", feature, "value", value))));
        return this;
    }

    /** The first element that matches. */
    public WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    /** Waits until an element matches. */
    public WebElement await(String selector) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            if (run(CHANGE, CHANGE_MILLIS, selector) instanceof WebElement found) {
                return found;
            }
            failAfter(end, "there is " + selector);
        }
    }

    /** Waits until something holds. */
    public void await(String what, Supplier<Boolean> holds) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.get()) {
            failAfter(end, what);
            run(CHANGE, PAUSE_MILLIS);
        }
    }

    private void failAfter(long end, String what) {
        if (System.nanoTime() - end > 0) {
            throw new AssertionError("Waited in vain until " + what + ", in\n" + find("body").getText());
        }
    }

    /** What a script returns; what it promises, if it returns a promise. */
    public Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** The element that has the focus. */
    public WebElement focused() {
        return driver.switchTo().activeElement();
    }

    /** Presses keys, wherever the focus is. */
    public void press(CharSequence... keys) {
        focused().sendKeys(keys);
    }

    /** What the browser complained of since this was asked last. */
    public List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(it -> it.getLevel().intValue() >= Level.WARNING.intValue())
                .map(it -> it.getLevel() + " " + it.getMessage())
                .toList();
    }

    /** A picture of what is seen. */
    public byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    @Override
    public void close() {
        driver.quit();
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).forEach(it -> it.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // what the browser has not done with yet stays where temporary files are
        }
    }

    private static Optional<Path> found(String property, List<String> usual) {
        return Stream.concat(Stream.ofNullable(System.getProperty(property)), usual.stream())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }
}

package dev.hangup.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Browser;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

/** Takes pictures of the demo's page in the middle of something: on a desk and on a phone, by day and by night. */
public final class Screenshots {
    private static final int README_WIDTH = 1120;

    private Screenshots() {
    }

    /**
     * Takes them.
     *
     * @param args the folder
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Browser.missing().ifPresent(it -> {
            System.err.println(it);
            System.exit(1);
        });
        Path folder = Files.createDirectories(Path.of(args[0]));
        WebServer server = Demo.server(Config.just(ConfigSources.create(Map.of("server.host", "localhost")))).start();
        try (Browser browser = Browser.open()) {
            browser.size(1440, 900).go("http://localhost:" + server.port() + "/").await("#link[data-state=live]");
            take(browser, folder, "first");
            answered(browser, "sleep", 5);
            happen(browser, "sleep", 25, 4);
            happen(browser, "query", 60, 6);
            happen(browser, "process", 30, 5);
            happen(browser, "isolated", 60, 8);
            happen(browser, "cpu", 60, 8);
            take(browser, folder, "left");
            Files.write(folder.resolve("page.png"), forReadme(browser));
            start(browser, "sleep", 60);
            TimeUnit.SECONDS.sleep(2);
            take(browser, folder, "running");
            server.stop();
            browser.await("#link[data-state=lost]");
            browser.await("#hangup[data-state=failed]");
            take(browser, folder, "stopped");
        } finally {
            server.stop();
        }
        System.out.println("The pictures are in " + folder.toAbsolutePath());
        System.exit(0);
    }

    private static void answered(Browser browser, String kind, int seconds) {
        start(browser, kind, seconds);
        browser.await("#bare[data-state=answered]");
        browser.await("#hangup[data-state=answered]");
    }

    private static void happen(Browser browser, String kind, int seconds, int until) throws InterruptedException {
        start(browser, kind, seconds);
        TimeUnit.SECONDS.sleep(until);
        browser.find("#hang-up").click();
        browser.await("#hangup[data-state=stopped]");
        TimeUnit.SECONDS.sleep(until);
    }

    private static void start(Browser browser, String kind, int seconds) {
        browser.find("input[value=" + kind + "]").click();
        browser.find("#seconds").clear();
        browser.find("#seconds").sendKeys(String.valueOf(seconds));
        browser.find("#start").click();
        browser.await("#hangup[data-state=running]");
    }

    /** The upper part of the page, down to the end of its charts. */
    private static byte[] forReadme(Browser browser) {
        browser.prefer("prefers-color-scheme", "light").size(README_WIDTH, 900);
        Object end = browser.run("return document.querySelector('.note').getBoundingClientRect().bottom + scrollY");
        browser.size(README_WIDTH, ((Number) end).intValue() + 24);
        byte[] picture = browser.picture();
        browser.size(1440, 900);
        return picture;
    }

    private static void take(Browser browser, Path folder, String name) throws IOException {
        for (int width : new int[] {1440, 375}) {
            for (String scheme : new String[] {"light", "dark"}) {
                browser.prefer("prefers-color-scheme", scheme).size(width, width == 375 ? 800 : 900);
                Object height = browser.run("return document.documentElement.scrollHeight");
                Files.write(folder.resolve(name + "-" + width + "-" + scheme + "-top.png"), browser.picture());
                browser.size(width, ((Number) height).intValue());
                Files.write(folder.resolve(name + "-" + width + "-" + scheme + ".png"), browser.picture());
            }
        }
        browser.size(1440, 900);
    }
}

package dev.hangup.internal.metrics;

import java.util.List;
import java.util.function.Consumer;

import dev.hangup.HangupConfig;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.metrics.MetricsObserver;

/** What a server shows to who asks for its metrics. */
final class Scrape {
    private Scrape() {
    }

    /** A server that can be scraped. */
    static TestServer server(Consumer<HttpRouting.Builder> routing) {
        return server(hangup -> { }, routing);
    }

    /** A server that can be scraped, with Hangup as configured. */
    static TestServer server(Consumer<HangupConfig.Builder> hangup, Consumer<HttpRouting.Builder> routing) {
        return TestServer.start(config -> config.addFeature(ObserveFeature.just(MetricsObserver.create())), hangup, routing);
    }

    /** All of it. */
    static String text(RawClient client) {
        return client.get("/observe/metrics", "Accept: text/plain\r\n").read().text();
    }

    /** The lines of Hangup's meters. */
    static List<String> ofHangup(RawClient client) {
        return text(client).lines().filter(line -> line.replaceFirst("# (TYPE|HELP) ", "").startsWith("hangup_")).toList();
    }

    /** The value of the first series that begins so; zero if there is none. */
    static double number(RawClient client, String series) {
        return text(client).lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }
}

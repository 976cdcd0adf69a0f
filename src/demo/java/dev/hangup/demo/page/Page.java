package dev.hangup.demo.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.outcome.OutcomeListener;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpFeature;

/** The page and its data. */
public final class Page {
    /** The path of the feed. */
    public static final String FEED = "/page/feed";

    private static final List<String> FILES = List.of("page.css", "main.js", "cluster.js", "feed.js", "trial.js", "sides.js",
                                                      "lists.js", "totals.js", "chart.js", "words.js", "icon.svg");

    private final Ledger ledger = new Ledger(System::nanoTime);
    private final PlainHandlers bare = new PlainHandlers(ledger);
    private final CancellableHandlers underHangup = new CancellableHandlers(ledger);
    private final List<String> kinds = new ArrayList<>();
    private final Places places;
    private final String replicas;

    private Page(Places places, String replicas) {
        this.places = places;
        this.replicas = replicas;
    }

    /**
     * Creates the page from configuration.
     *
     * @param config  the node with {@code enabled}, {@code max-open} and {@code max-open-per-client}
     * @param replica the node with {@code name} and {@code pages}, if this is one of several replicas
     * @return the page; empty if it is switched off
     * @throws ConfigException if a value is out of range
     */
    public static Optional<Page> create(Config config, Config replica) {
        ConfigBounds.of(Optional.of(config)).trueOrFalse("enabled", Optional.of(config));
        Places places = new Places(atLeastOne(config.get("max-open"), 16), atLeastOne(config.get("max-open-per-client"), 4));
        return config.get("enabled").asBoolean().orElse(true)
                ? Optional.of(new Page(places, ReplicaLinks.markup(replica)))
                : Optional.empty();
    }

    private static int atLeastOne(Config config, int otherwise) {
        int value = config.asInt().orElse(otherwise);
        if (value < 1) {
            throw new ConfigException(config.key() + " must be at least 1, but is " + value);
        }
        return value;
    }

    /**
     * Returns the listener for requests under Hangup.
     *
     * @return the listener
     */
    public OutcomeListener listener() {
        return underHangup;
    }

    /**
     * Shows the cluster that the server is a member of.
     *
     * @return the feature to add to the routing
     */
    public HttpFeature cluster() {
        return new ClusterWatch(ledger);
    }

    /**
     * Shows the requests of a handler on plain Helidon.
     *
     * @param kind    the name of its work
     * @param handler the handler
     * @return the handler to mount instead
     */
    public Handler bare(String kind, Handler handler) {
        return bare.observed(kind, handler);
    }

    /**
     * Shows the requests of a cancellable handler.
     *
     * @param pattern the pattern of its route
     * @param kind    the name of its work
     * @param handler the handler
     * @return the handler to mount instead
     */
    public Handler underHangup(String pattern, String kind, Handler handler) {
        kinds.add(kind);
        return underHangup.observed(pattern, kind, handler);
    }

    /**
     * Returns the handlers of the page's own requests, which are all GET or HEAD. Called after all work is mounted.
     *
     * @param offered returns whether a kind of work can be started
     * @return the handlers by path
     */
    public Map<String, Handler> handlers(Predicate<String> offered) {
        Map<String, Handler> handlers = new LinkedHashMap<>();
        handlers.put("/", Asset.of("index.html", text -> text.replace("<!-- replicas -->", replicas)));
        FILES.forEach(file -> handlers.put("/page/" + file, Asset.of(file)));
        handlers.put(FEED, new Feed(ledger, kinds.stream().filter(offered).toList(), places).underHangup());
        return handlers;
    }
}

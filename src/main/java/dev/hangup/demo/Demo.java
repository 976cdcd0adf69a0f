package dev.hangup.demo;

import java.util.Arrays;
import java.util.Optional;

import dev.hangup.Computation;
import dev.hangup.Hangup;
import dev.hangup.demo.page.Page;
import dev.hangup.isolated.Isolated;
import dev.hangup.work.CpuBound;

import io.helidon.config.Config;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.logging.common.LogConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

/** The demo's server. */
public final class Demo {
    private static final String BARE = "/no-context";
    private static final String UNDER_HANGUP = "/with-context";

    private final HttpRouting.Builder routing;
    private final Optional<Page> page;

    private Demo(HttpRouting.Builder routing, Optional<Page> page) {
        this.routing = routing;
        this.page = page;
    }

    /**
     * Starts the server, or says in one line on standard error why not.
     *
     * @param args none are used
     */
    public static void start(String[] args) {
        LogConfig.configureRuntime();
        StartFailure failure = StartFailure.listen();
        try {
            Config config = Settings.load();
            WebServer server = server(config).start();
            if (server.isRunning()) {
                System.out.println(welcome(server, Page.create(config.get("page")).isPresent()));
                return;
            }
        } catch (RuntimeException e) {
            failure.is(e);
        }
        System.err.println("Hangup cannot start: " + failure.reason());
        System.exit(1);
    }

    static WebServer server(Config config) {
        Optional<Page> page = Page.create(config.get("page"));
        return WebServer.builder()
                .config(config.get("server"))
                .addFeature(Hangup.builder()
                                    .config(config.get("server.features.hangup"))
                                    .addListener(new DecisionLog())
                                    .update(it -> page.ifPresent(shown -> it.addListener(shown.listener())))
                                    .build())
                .routing(routing -> new Demo(routing, page).mount(config))
                .build();
    }

    private void mount(Config config) {
        Relay relay = Relay.create(config.get("relay"));
        Isolated isolated = Isolated.create(config.get("isolated"));
        QueryPool pool = QueryPool.create(config.get("db"));
        mount("sleep", "", new Sleep(), Method.GET);
        mount("cpu", "/cpu", new Primes(CpuBound.create(config.get("cpu"))), Method.GET);
        mount("query", "/query", new Query(pool), Method.GET);
        mount("stream", "/stream", new Ticks(), Method.GET, Method.HEAD);
        mount("process", "/process", new ChildProcess(), Method.GET);
        mount("isolated", "/isolated", new NativeSleep(isolated), Method.GET);
        mount("stubborn", "/stubborn", new Stubborn(), Method.GET);
        mount("relay", "/relay", relay, Method.GET, Method.POST);
        routing.addFeature(relay.client());
        routing.addFeature(pool);
        routing.addFeature(new AtStop(isolated::close));
        routing.error(HttpException.class, new ProblemHandler());
        page.ifPresent(it -> it.handlers(kind -> !kind.equals("relay") || relay.hasTarget())
                .forEach((path, handler) -> route(path, handler, Method.GET, Method.HEAD)));
    }

    private void mount(String kind, String path, Computation<?> work, Method... methods) {
        mount(kind, path, (request, response) -> response.send(work.compute(request)), Hangup.computing(work), methods);
    }

    private void mount(String kind, String path, Handler work, Method... methods) {
        mount(kind, path, work, Hangup.cancellable(work), methods);
    }

    private void mount(String kind, String path, Handler bare, Handler underHangup, Method... methods) {
        Handler answeringAtStop = (request, response) -> {
            try {
                bare.handle(request, response);
            } catch (InterruptedException e) {
                throw new HttpException("The server is stopping", Status.SERVICE_UNAVAILABLE_503, false);
            }
        };
        String pattern = UNDER_HANGUP + path;
        route(BARE + path, page.map(it -> it.bare(kind, answeringAtStop)).orElse(answeringAtStop), methods);
        route(pattern, page.map(it -> it.underHangup(pattern, kind, underHangup)).orElse(underHangup), methods);
    }

    private void route(String pattern, Handler handler, Method... methods) {
        for (Method method : methods) {
            routing.route(method, pattern, handler);
        }
        routing.any(pattern, (request, response) -> {
            throw new HttpException("This path takes " + names(methods) + " only", Status.METHOD_NOT_ALLOWED_405, true)
                    .header(HeaderValues.create(HeaderNames.ALLOW, names(methods)));
        });
    }

    private static String names(Method... methods) {
        return String.join(", ", Arrays.stream(methods).map(Method::text).toList());
    }

    static String welcome(WebServer server, boolean hasPage) {
        String address = (server.hasTls() ? "https" : "http") + "://" + server.prototype().host() + ":" + server.port();
        return """

                Hangup listens on %1$s. Ask for something that takes a while, and hang up (Ctrl-C) before it is there:

                  curl %1$s/no-context      the server works on for nobody
                  curl %1$s/with-context    the work stops with you
                %2$s
                More kinds of work below both: /cpu, /query, /stream, /process, /isolated, /stubborn and /relay.
                All take ?seconds=S (0 to 3600). Ctrl-C here stops the server.
                """.formatted(address, hasPage ? "\nOr see it happen: open %s/ in a browser.\n".formatted(address) : "");
    }
}

package dev.hangup.demo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

import dev.hangup.Computation;
import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.cpu.CpuBound;
import dev.hangup.demo.page.Page;
import dev.hangup.isolated.Isolated;
import dev.hangup.metrics.HangupMetrics;

import io.helidon.config.Config;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

/** The routes of the demo: each kind of work in both variants, and the page that shows it. */
final class Routes {
    private static final String BARE = "/no-context";
    private static final String UNDER_HANGUP = "/with-context";

    private final Config config;
    private final OriginCheck origin;
    private final Optional<Page> page;

    Routes(Config config) {
        this.config = config;
        this.origin = new OriginCheck(config);
        this.page = Page.create(config.get("page"), config.get("replica"));
    }

    boolean hasPage() {
        return page.isPresent();
    }

    void listen(HangupConfig.Builder hangup) {
        page.ifPresent(it -> hangup.addListener(it.listener()));
    }

    void mount(HttpRouting.Builder routing) {
        origin.guardObserver(routing);
        Relay relay = Relay.create(config.get("relay"));
        CpuBound cpu = HangupMetrics.bind("cpu", CpuBound.create(config.get("cpu")));
        Isolated isolated = HangupMetrics.bind("isolated", Isolated.create(config.get("isolated")));
        QueryPool pool = QueryPool.create(config.get("db"));
        Coalesced coalesced = new Coalesced(config.get("replica"));
        mount(routing, "sleep", "", json(new Sleep()), Method.GET);
        mount(routing, "cpu", "/cpu", json(new Primes(cpu)), Method.GET);
        mount(routing, "loop", "/loop", json(new Loop()), Method.GET);
        mount(routing, "query", "/query", json(new Query(pool)), Method.GET);
        mount(routing, "stream", "/stream", new Ticks(), Method.GET, Method.HEAD);
        mount(routing, "process", "/process", new ChildProcess(), Method.GET);
        mount(routing, "isolated", "/isolated", json(new NativeSleep(isolated)), Method.GET);
        mount(routing, "unresponsive", "/unresponsive", json(new Unresponsive()), Method.GET);
        mount(routing, "coalesced", "/coalesced", onPlainHelidon(coalesced.bare()), coalesced.underHangup(), Method.GET);
        mount(routing, "relay", "/relay", relay, Method.GET, Method.POST);
        routing.addFeature(relay.client());
        routing.addFeature(pool);
        routing.addFeature(coalesced);
        routing.addFeature(new AtStop(isolated::close));
        routing.error(HttpException.class, new ProblemHandler());
        page.ifPresent(it -> routing.addFeature(it.cluster()));
        page.ifPresent(it -> it.handlers(kind -> !kind.equals("relay") || relay.hasTarget())
                .forEach((path, handler) -> route(routing, path, path.equals(Page.FEED) ? origin.before(handler) : handler,
                                                  Method.GET, Method.HEAD)));
    }

    private void mount(HttpRouting.Builder routing, String kind, String path, Computation<?> work, Method... methods) {
        mount(routing, kind, path, onPlainHelidon(work), Hangup.cancellable(work), methods);
    }

    /** Sends the result as JSON with a content length. Helidon sends a {@code JsonObject} in chunks, at twice the CPU time. */
    private static Handler json(Computation<JsonObject> work) {
        return (request, response) -> {
            byte[] json = work.compute(request).toString().getBytes(StandardCharsets.UTF_8);
            response.header(HeaderValues.CONTENT_TYPE_JSON).send(json);
        };
    }

    /** Work on plain Helidon. */
    private static Handler onPlainHelidon(Computation<?> work) {
        return (request, response) -> response.send(work.compute(request));
    }

    private void mount(HttpRouting.Builder routing, String kind, String path, Handler work, Method... methods) {
        mount(routing, kind, path, work, Hangup.cancellable(work), methods);
    }

    private void mount(HttpRouting.Builder routing, String kind, String path, Handler bare, Handler underHangup,
                       Method... methods) {
        Handler answeringAtStop = (request, response) -> {
            try {
                bare.handle(request, response);
            } catch (InterruptedException e) {
                throw new HttpException("The server is stopping", Status.SERVICE_UNAVAILABLE_503, false);
            }
        };
        String pattern = UNDER_HANGUP + path;
        route(routing, BARE + path, origin.before(page.map(it -> it.bare(kind, answeringAtStop)).orElse(answeringAtStop)),
              methods);
        route(routing, pattern, origin.before(page.map(it -> it.underHangup(pattern, kind, underHangup)).orElse(underHangup)),
              methods);
    }

    private static void route(HttpRouting.Builder routing, String pattern, Handler handler, Method... methods) {
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
}

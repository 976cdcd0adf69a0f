package dev.hangup.demo;

import java.util.Arrays;
import java.util.Map;

import dev.hangup.Computation;
import dev.hangup.Hangup;
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

    private Demo() {
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
            WebServer server = server(Settings.load()).start();
            if (server.isRunning()) {
                System.out.println(welcome(server));
                return;
            }
        } catch (RuntimeException e) {
            failure.is(e);
        }
        System.err.println("Hangup cannot start: " + failure.reason());
        System.exit(1);
    }

    static WebServer server(Config config) {
        return WebServer.builder()
                .config(config.get("server"))
                .addFeature(Hangup.builder()
                                    .config(config.get("server.features.hangup"))
                                    .addListener(new DecisionLog())
                                    .build())
                .routing(routing -> routing(routing, config))
                .build();
    }

    private static void routing(HttpRouting.Builder routing, Config config) {
        Relay relay = Relay.create(config.get("relay"));
        Isolated isolated = Isolated.create(config.get("isolated"));
        mount(routing, "", new Sleep(), Method.GET);
        mount(routing, "/cpu", new Primes(CpuBound.create(config.get("cpu"))), Method.GET);
        mount(routing, "/isolated", new NativeSleep(isolated), Method.GET);
        routing.addFeature(relay.client());
        mount(routing, "/relay", relay, Method.GET, Method.POST);
        QueryPool pool = QueryPool.create(config.get("db"));
        routing.addFeature(pool);
        mount(routing, "/query", new Query(pool), Method.GET);
        mount(routing, "/stubborn", new Stubborn(), Method.GET);
        mount(routing, "/stream", new Ticks(), Method.GET, Method.HEAD);
        mount(routing, "/process", new ChildProcess(), Method.GET);
        routing.addFeature(new AtStop(isolated::close));
        routing.error(HttpException.class, new ProblemHandler());
    }

    private static void mount(HttpRouting.Builder routing, String path, Computation<?> work, Method... methods) {
        mount(routing, path, (request, response) -> response.send(work.compute(request)), Hangup.computing(work), methods);
    }

    private static void mount(HttpRouting.Builder routing, String path, Handler work, Method... methods) {
        mount(routing, path, work, Hangup.cancellable(work), methods);
    }

    private static void mount(HttpRouting.Builder routing, String path, Handler bare, Handler underHangup, Method... methods) {
        Handler answeringAtStop = (request, response) -> {
            try {
                bare.handle(request, response);
            } catch (InterruptedException e) {
                throw new HttpException("The server is stopping", Status.SERVICE_UNAVAILABLE_503, false);
            }
        };
        Map.of(BARE + path, answeringAtStop, UNDER_HANGUP + path, underHangup).forEach((pattern, handler) -> {
            for (Method method : methods) {
                routing.route(method, pattern, handler);
            }
            routing.any(pattern, (request, response) -> {
                throw new HttpException("This path takes " + names(methods) + " only", Status.METHOD_NOT_ALLOWED_405, true)
                        .header(HeaderValues.create(HeaderNames.ALLOW, names(methods)));
            });
        });
    }

    private static String names(Method... methods) {
        return String.join(", ", Arrays.stream(methods).map(Method::text).toList());
    }

    private static String welcome(WebServer server) {
        String address = (server.hasTls() ? "https" : "http") + "://" + server.prototype().host() + ":" + server.port();
        return """

                Hangup listens on %1$s. Ask for something that takes a while, and hang up (Ctrl-C) before it is there:

                  curl %1$s/no-context      the server works on for nobody
                  curl %1$s/with-context    the work stops with you

                More kinds of work below both: /cpu, /query, /stream, /process, /isolated, /stubborn and /relay.
                All take ?seconds=S (0 to 3600). Ctrl-C here stops the server.
                """.formatted(address);
    }
}

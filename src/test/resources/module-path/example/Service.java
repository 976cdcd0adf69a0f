package example;

import dev.hangup.Computation;
import dev.hangup.Hangup;
import dev.hangup.cluster.Codec;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.isolated.Isolated;

import io.helidon.config.Config;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;

/** Says what happens, line by line, and stops when its standard input ends. */
public final class Service {
    private Service() {
    }

    public static void main(String[] arguments) throws Exception {
        try (Isolated isolated = Isolated.builder().size(1).build()) {
            WebServer server = WebServer.builder()
                    .config(Config.create().get("server"))
                    .host("localhost")
                    .routing(routing -> routing
                            .get("/sleep", stoppable("sleep", request -> {
                                Thread.sleep(60_000);
                                return "slept";
                            }))
                            .get("/work/{key}", Coalescing.<String, String>builder()
                                    .key(request -> request.path().pathParameters().get("key"))
                                    .computing(key -> "computed in a module")
                                    .clustered("work", Codec.text(), Codec.text())
                                    .build())
                            .get("/isolated", stoppable("isolated", request -> isolated.call(Endless.class, new byte[0]))))
                    .build()
                    .start();
            say("Hangup in " + Hangup.class.getModule());
            say("HTTP/2 " + (ModuleLayer.boot().findModule("io.helidon.webserver.http2").isPresent() ? "found" : "missing"));
            say("port " + server.port());
            System.in.read();
            server.stop();
            say("stopped");
        }
    }

    private static Handler stoppable(String name, Computation<?> computation) {
        return Hangup.cancellable(request -> {
            say(name + " begun");
            try {
                return computation.compute(request);
            } catch (InterruptedException e) {
                say(name + " interrupted");
                throw e;
            } catch (IllegalArgumentException e) {
                say(name + " refused: " + e.getMessage());
                throw e;
            }
        });
    }

    private static void say(String line) {
        System.out.println(line);
    }
}

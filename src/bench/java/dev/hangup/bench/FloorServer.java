package dev.hangup.bench;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

import dev.hangup.Hangup;
import dev.hangup.internal.race.ForkAndJoin;
import dev.hangup.testing.Transport;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

/** The server of {@link Saturation}: plain Helidon with a handler of one line, or the same with Hangup. */
final class FloorServer {
    /** The response is sent on the thread of the connection. */
    static final String BARE = "/bare";
    /** The response is sent by the fork of a task scope. */
    static final String FORKED = "/forked";
    /** The response is sent under Hangup; there with Hangup only. */
    static final String HANGUP = "/hangup";
    private static final Logger ROOT = Logger.getLogger("");

    private FloorServer() {
    }

    /**
     * Runs it. It says on which port it listens, and ends with its input.
     *
     * @param args whether it has Hangup, and its {@link Transport}
     */
    public static void main(String[] args) throws IOException {
        ROOT.setLevel(Level.OFF);
        boolean hangup = Boolean.parseBoolean(args[0]);
        WebServerConfig.Builder server = WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                // else plain Helidon's HTTP/2 waits for delayed acknowledgements between the frames of a response
                .connectionOptions(it -> it.tcpNoDelay(true))
                .routing(routing -> routing(routing, hangup))
                .update(Transport.valueOf(args[1])::configure);
        if (hangup) {
            server.addFeature(Hangup.builder().build());
        }
        System.out.println(server.build().start().port());
        System.in.transferTo(System.out);
        System.exit(0);
    }

    private static void routing(HttpRouting.Builder routing, boolean hangup) {
        routing.get(BARE, (request, response) -> response.send("ok"))
                .get(FORKED, (request, response) -> ForkAndJoin.run(() -> response.send("ok")));
        if (hangup) {
            routing.get(HANGUP, Hangup.cancellable(request -> "ok"));
        }
    }
}

package dev.hangup;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.race.RaceRunner;
import dev.hangup.internal.race.RoutePolicy;

import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** A handler whose work races its own cancellation; see {@link RaceRunner}. */
final class CancellableHandler implements Handler {
    private final Handler handler;
    private final RoutePolicy route;

    CancellableHandler(Handler handler, Optional<Duration> deadline) {
        if (deadline.isPresent() && !deadline.get().isPositive()) {
            throw new IllegalArgumentException("deadline must be positive, but is " + deadline.get());
        }
        this.handler = handler;
        this.route = new RoutePolicy(deadline, Optional.empty());
    }

    static Handler of(Computation<?> computation, Optional<Duration> deadline) {
        return new CancellableHandler((request, response) -> {
            switch (computation.compute(request)) {
            case null -> response.status(Status.NO_CONTENT_204).send();
            case Optional<?> value -> response.send(value);
            case Object value -> response.send(value);
            }
        }, deadline);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        if (response instanceof RoutingResponse routing) {
            RaceRunner.run(request, routing, route, handler);
        } else {
            throw new IllegalStateException("Hangup needs the response object of Helidon's routing, not a "
                                                    + response.getClass().getName());
        }
    }

    @Override
    public void beforeStart() {
        handler.beforeStart();
    }

    @Override
    public void afterStart(WebServer webServer) {
        handler.afterStart(webServer);
    }

    @Override
    public void afterStop() {
        handler.afterStop();
    }

    @Override
    public String toString() {
        return "Cancellable " + handler;
    }
}

package dev.hangup.internal.server;

import java.util.Optional;

import dev.hangup.internal.connection.DecoratedRouting;
import dev.hangup.internal.race.RaceRunner;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * A connection's routing, run in a race as a whole where the path says so: a filter could not put another response in
 * the place of the one that the routes write to.
 */
final class PathRouting extends DecoratedRouting {
    private final Paths paths;

    PathRouting(HttpRouting delegate, Paths paths) {
        super(delegate);
        this.paths = paths;
    }

    @Override
    public void route(ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        Optional<Paths.Pattern> pattern = paths.match(request.prologue());
        if (pattern.isEmpty()) {
            delegate().route(ctx, request, response);
            return;
        }
        try {
            RaceRunner.run(request, response, pattern.get().policy(), (req, res) -> delegate().route(ctx, request, res));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("A routing throws no checked exceptions", e);
        }
    }
}

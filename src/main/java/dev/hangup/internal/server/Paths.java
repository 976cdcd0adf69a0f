package dev.hangup.internal.server;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.hangup.HangupPathConfig;
import dev.hangup.internal.connection.DecoratedRouting;
import dev.hangup.internal.race.RaceRunner;
import dev.hangup.internal.race.RoutePolicy;

import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.PathMatcher;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * The paths that are cancellable by configuration.
 *
 * @param patterns in the order in which they are tried
 */
record Paths(List<Pattern> patterns) {
    static Paths create(List<HangupPathConfig> paths) {
        return new Paths(paths.stream().map(Pattern::create).toList());
    }

    /**
     * Returns a routing that runs requests to these paths in a race as a whole, including filters and error handlers. A filter of
     * Hangup could not do this, since it cannot replace the response that the routes write to.
     */
    HttpRouting over(HttpRouting routing) {
        return patterns.isEmpty() ? routing : new DecoratedRouting(routing, this::route);
    }

    private void route(HttpRouting routing, ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        Optional<Pattern> pattern = match(request.prologue());
        if (pattern.isEmpty()) {
            routing.route(ctx, request, response);
            return;
        }
        try {
            RaceRunner.run(request, response, pattern.get().policy(),
                           (req, res) -> routing.route(new RaceContext(ctx, res), request, res));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("A routing throws no checked exceptions", e);
        }
    }

    private Optional<Pattern> match(HttpPrologue prologue) {
        for (Pattern pattern : patterns) {
            if (pattern.matches(prologue)) {
                return Optional.of(pattern);
            }
        }
        return Optional.empty();
    }

    record Pattern(PathMatcher matcher, Set<Method> methods, RoutePolicy policy) {
        static Pattern create(HangupPathConfig config) {
            return new Pattern(PathMatchers.create(config.path()), new HashSet<>(config.methods()),
                               new RoutePolicy(config.deadline()));
        }

        boolean matches(HttpPrologue prologue) {
            return (methods.isEmpty() || methods.contains(prologue.method()))
                    && matcher.match(prologue.uriPath()).accepted();
        }
    }
}

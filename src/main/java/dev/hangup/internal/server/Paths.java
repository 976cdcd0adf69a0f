package dev.hangup.internal.server;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

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
import io.helidon.webserver.http.ServerRequest;

/**
 * The paths that are cancellable by configuration.
 *
 * @param patterns in the order in which they are tried
 */
record Paths(List<Pattern> patterns) {
    /** The exceptions that gates have thrown, by request, not by thread: filters may run the rest of the routing on another one. */
    private static final Map<ServerRequest, RuntimeException> GATE_FAILURES = new ConcurrentHashMap<>();
    /** Methods that change nothing on the server (RFC 9110, 9.2.1). */
    private static final Set<Method> SAFE = Set.of(Method.GET, Method.HEAD, Method.OPTIONS, Method.TRACE);
    /** The unsafe methods of an entry that is for all methods. */
    private static final List<Method> UNSAFE = List.of(Method.POST, Method.PUT, Method.PATCH, Method.DELETE);

    static Paths create(List<HangupPathConfig> paths) {
        return new Paths(paths.stream().map(Pattern::create).toList());
    }

    /**
     * Returns a routing that runs requests to these paths in a race as a whole, including filters and error handlers. A filter of
     * Hangup could not do this, since it cannot replace the response that the routes write to.
     * <p>
     * Gates are therefore asked before all filters. If one throws, the request has no race, and the routing runs only so that
     * filters and error handlers see the exception: see {@link #throwGateFailure}.
     */
    HttpRouting over(HttpRouting routing) {
        return patterns.isEmpty() ? routing : new DecoratedRouting(routing, this::route);
    }

    /**
     * The paths whose requests may change something on the server, each with their unsafe methods, as a text for the log; empty if
     * there are none. Such work is cancelled as any other is, even if its client never meant to wait for the response.
     */
    static String unsafeMethods(List<HangupPathConfig> paths) {
        return paths.stream().map(Paths::unsafeMethods).filter(it -> !it.isEmpty()).collect(Collectors.joining("; "));
    }

    private static String unsafeMethods(HangupPathConfig path) {
        String methods = (path.methods().isEmpty() ? UNSAFE : path.methods()).stream()
                .filter(it -> !SAFE.contains(it) && !path.excludeMethods().contains(it))
                .map(Method::text)
                .collect(Collectors.joining(", "));
        String excluded = path.excludePaths().isEmpty() ? "" : " except " + String.join(", ", path.excludePaths());
        return methods.isEmpty() ? "" : methods + " " + path.path() + excluded;
    }

    private void route(HttpRouting routing, ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        Optional<Pattern> pattern = match(request.prologue());
        if (pattern.isEmpty()) {
            routing.route(ctx, request, response);
            return;
        }
        try {
            RaceRunner.run(request, response, pattern.get().policy(), (req, res) -> {
                RoutingResponse view = (RoutingResponse) res;
                routing.route(new RaceContext(ctx, view), request, view);
            }, thrown -> {
                GATE_FAILURES.put(request, thrown);
                try {
                    routing.route(ctx, request, response);
                } finally {
                    GATE_FAILURES.remove(request);
                }
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("A routing throws no checked exceptions", e);
        }
    }

    /**
     * Throws what a gate has thrown before this routing, if one has. To be called by a filter of a request that has no race, so
     * that the exception is handled as any exception of a filter is, and no handler runs.
     */
    static void throwGateFailure(ServerRequest request) {
        // nearly always empty
        RuntimeException thrown = GATE_FAILURES.isEmpty() ? null : GATE_FAILURES.get(request);
        if (thrown != null) {
            throw thrown;
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

    record Pattern(PathMatcher matcher, Set<Method> methods, List<PathMatcher> excluded, Set<Method> excludedMethods,
                   RoutePolicy policy) {
        static Pattern create(HangupPathConfig config) {
            return new Pattern(PathMatchers.create(config.path()), new HashSet<>(config.methods()),
                               config.excludePaths().stream().map(PathMatchers::create).toList(),
                               new HashSet<>(config.excludeMethods()),
                               new RoutePolicy(config.deadline(), Optional.of("path " + config.path())));
        }

        boolean matches(HttpPrologue prologue) {
            return (methods.isEmpty() || methods.contains(prologue.method()))
                    && !excludedMethods.contains(prologue.method())
                    && matcher.match(prologue.uriPath()).accepted()
                    && !isExcluded(prologue);
        }

        private boolean isExcluded(HttpPrologue prologue) {
            for (PathMatcher path : excluded) {
                if (path.match(prologue.uriPath()).accepted()) {
                    return true;
                }
            }
            return false;
        }
    }
}

package dev.hangup.internal.server;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.hangup.HangupPathConfig;
import dev.hangup.internal.race.RoutePolicy;

import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.PathMatcher;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.http.HttpRouting;

/** The paths that run under Hangup by configuration. */
final class Paths {
    private final List<Pattern> patterns;

    private Paths(List<Pattern> patterns) {
        this.patterns = patterns;
    }

    static Paths create(List<HangupPathConfig> paths) {
        return new Paths(paths.stream().map(Pattern::create).toList());
    }

    /** A routing that runs requests to these paths in a race, filters and error handlers included. */
    HttpRouting over(HttpRouting routing) {
        return patterns.isEmpty() ? routing : new PathRouting(routing, this);
    }

    Optional<Pattern> match(HttpPrologue prologue) {
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

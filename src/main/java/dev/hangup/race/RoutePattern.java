package dev.hangup.race;

import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;

/**
 * The pattern under which a request was routed. Of a service that is registered under a path with parameters, Helidon's own
 * has what the client sent in their place; here their names are put back.
 */
final class RoutePattern {
    private RoutePattern() {
    }

    /** The pattern of the route that matched, or the raw path while there is none. */
    static String of(ServerRequest request) {
        String pattern = request.matchingPattern().orElse(null);
        if (pattern == null) {
            return request.prologue().uriPath().rawPath();
        }
        Parameters parameters = request.path().pathParameters();
        return parameters.isEmpty() ? pattern : named(pattern, parameters);
    }

    static String named(String pattern, Parameters parameters) {
        String named = pattern;
        for (String name : parameters.names()) {
            String value = parameters.get(name);
            if (!value.isEmpty() && !mentions(pattern, name)) {
                int at = indexOf(named, value);
                named = at < 0 ? named : named.substring(0, at) + "{" + name + "}" + named.substring(at + value.length());
            }
        }
        return named;
    }

    private static boolean mentions(String pattern, String name) {
        return pattern.contains("{" + name + "}") || pattern.contains("{" + name + ":") || pattern.contains("{+" + name + "}");
    }

    /** Where it is as a whole segment, or as several; if it is nowhere, where it is at all. */
    private static int indexOf(String pattern, String value) {
        String bounded = pattern + "/";
        int at = bounded.indexOf("/" + value + "/");
        return at < 0 ? pattern.indexOf(value) : at + 1;
    }
}

package dev.hangup.internal.outcome;

import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;

/**
 * The pattern under which a request was routed. For a service registered under a path with parameters, Helidon's pattern contains
 * the values that the client sent instead of the parameters ({@code RouteCrawler.CrawlerItem.parent} of 4.5.0). This class
 * restores the names of the parameters.
 */
final class RoutePattern {
    /** The pattern of a route for any path, which is empty in Helidon. */
    private static final String ANY = "/*";

    private RoutePattern() {
    }

    /** The pattern of the route that matched, or the raw path if none has. May contain anything that a client sends. */
    static String of(ServerRequest request) {
        String pattern = request.matchingPattern().orElse(null);
        if (pattern == null) {
            return request.prologue().uriPath().rawPath();
        }
        if (pattern.isEmpty()) {
            return ANY;
        }
        Parameters parameters = request.path().pathParameters();
        return parameters.isEmpty() ? pattern : named(pattern, parameters);
    }

    static String named(String pattern, Parameters parameters) {
        String named = pattern;
        for (String name : parameters.names()) {
            String value = parameters.get(name);
            if (!value.isEmpty() && !mentions(pattern, name)) {
                named = replace(named, value, "{" + name + "}");
            }
        }
        return named;
    }

    private static String replace(String pattern, String value, String name) {
        int at = indexOf(pattern, value);
        if (at >= 0) {
            return pattern.substring(0, at) + name + pattern.substring(at + value.length());
        }
        // Helidon 4.5.0's PathMatchers.PatternPathMatcher.prefixMatch drops the last character of a service's path if nothing
        // follows it
        String cut = value.substring(0, value.length() - 1);
        int end = (pattern + "/").indexOf("/" + cut + "/");
        return end < 0 ? pattern : pattern.substring(0, end + 1) + name + pattern.substring(end + 1 + cut.length());
    }

    private static boolean mentions(String pattern, String name) {
        return pattern.contains("{" + name + "}") || pattern.contains("{" + name + ":") || pattern.contains("{+" + name + "}");
    }

    /** The index of the value as one or more whole segments; if there is none, its first index anywhere. */
    private static int indexOf(String pattern, String value) {
        String bounded = pattern + "/";
        int at = bounded.indexOf("/" + value + "/");
        return at < 0 ? pattern.indexOf(value) : at + 1;
    }
}

package dev.hangup.internal.outcome;

import io.helidon.common.parameters.Parameters;
import io.helidon.http.RoutedPath;
import io.helidon.webserver.http.ServerRequest;

/**
 * The pattern under which a request was routed. For a service registered under a path with parameters, Helidon's pattern contains
 * the values that the client sent instead of the parameters ({@code RouteCrawler.CrawlerItem.parent} of 4.5.0). This class
 * restores the names of the parameters. It cannot do so for a parameter whose name the route uses again: the value of the service's
 * parameter is lost.
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
        RoutedPath path = request.path();
        Parameters parameters = path.pathParameters();
        if (parameters.isEmpty()) {
            return pattern;
        }
        String whole = path.absolute().path();
        int end = end(whole.substring(0, whole.length() - path.path().length()), pattern);
        return named(pattern.substring(0, end), pattern.substring(end), parameters);
    }

    /**
     * The index in the pattern at which the part of the services ends and that of the route begins. Helidon inserts a slash for
     * each service registered under the root.
     *
     * @param sent what the client sent for the paths of the services
     */
    private static int end(String sent, String pattern) {
        int end = 0;
        for (int i = 0; i < sent.length() && end < pattern.length(); end++) {
            if (sent.charAt(i) == pattern.charAt(end)) {
                i++;
            }
        }
        return end;
    }

    private static String named(String services, String route, Parameters parameters) {
        String named = services;
        for (String name : parameters.names()) {
            String value = parameters.get(name);
            if (!value.isEmpty() && !mentions(route, name)) {
                named = replace(named, value, "{" + name + "}");
            }
        }
        return named + route;
    }

    /** Replaces a value where it is one or more whole segments; if there is none, at its first index anywhere. */
    private static String replace(String services, String value, String name) {
        int segment = (services + "/").indexOf("/" + value + "/");
        if (segment >= 0) {
            return services.substring(0, segment + 1) + name + services.substring(segment + 1 + value.length());
        }
        // Helidon 4.5.0's PathMatchers.PatternPathMatcher.prefixMatch drops the last character of a service's path if nothing
        // follows it
        String cut = value.substring(0, value.length() - 1);
        if (services.endsWith("/" + cut)) {
            return services.substring(0, services.length() - cut.length()) + name;
        }
        int at = services.indexOf(value);
        return at < 0 ? services : services.substring(0, at) + name + services.substring(at + value.length());
    }

    private static boolean mentions(String pattern, String name) {
        return pattern.contains("{" + name + "}") || pattern.contains("{" + name + ":") || pattern.contains("{+" + name + "}");
    }
}

package dev.hangup.internal.address;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The addresses that proxies have appended to a header, the nearest first. The header is parsed from its end: anyone may have
 * sent what precedes the element of a trusted proxy, and none of it may affect how that element is parsed.
 */
final class ForwardedFor {
    private static final String NONE = "";
    private static final Pattern PAIR =
            Pattern.compile("\\s*+([\\w!#$%&'*+.^`|~-]++)=(?:\"([^\"\\\\]*+)\"|([^\\s\",;]*+))\\s*+");

    private ForwardedFor() {
    }

    /**
     * Parses the values of a {@code Forwarded} header (RFC 7239). An element that is malformed or has no address yields an empty
     * string.
     */
    static List<String> of(List<String> values) {
        return elements(values, true).stream().map(ForwardedFor::forParameter).toList();
    }

    /** Parses the values of an {@code X-Forwarded-For} header. */
    static List<String> ofPlain(List<String> values) {
        return elements(values, false);
    }

    private static List<String> elements(List<String> values, boolean quotes) {
        List<String> elements = new ArrayList<>();
        for (String value : values.reversed()) {
            boolean quoted = false;
            int end = value.length();
            for (int i = value.length() - 1; i >= 0; i--) {
                char c = value.charAt(i);
                if (quotes && c == '"' && !(quoted && escaped(value, i))) {
                    quoted = !quoted;
                } else if (c == ',' && !quoted) {
                    elements.add(value.substring(i + 1, end).strip());
                    end = i;
                }
            }
            elements.add(value.substring(0, end).strip());
        }
        return elements;
    }

    private static boolean escaped(String value, int at) {
        int slashes = 0;
        while (at - slashes > 0 && value.charAt(at - slashes - 1) == '\\') {
            slashes++;
        }
        return slashes % 2 == 1;
    }

    private static String forParameter(String element) {
        Matcher pair = PAIR.matcher(element);
        String found = NONE;
        for (int at = 0; at < element.length(); at = pair.end() + 1) {
            pair.region(at, element.length());
            if (!pair.lookingAt() || pair.end() < element.length() && element.charAt(pair.end()) != ';') {
                return NONE;
            }
            if (pair.group(1).equalsIgnoreCase("for")) {
                if (!found.equals(NONE)) {
                    return NONE;
                }
                found = pair.group(2) == null ? pair.group(3) : pair.group(2);
            }
        }
        return found;
    }
}

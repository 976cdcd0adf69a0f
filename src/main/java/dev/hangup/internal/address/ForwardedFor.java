package dev.hangup.internal.address;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom proxies say that they speak for, the nearest first. Read from the end, as it was written: what stands before the words
 * of a trusted proxy anyone may have sent, and none of it changes how those are read.
 */
final class ForwardedFor {
    private static final String NONE = "";
    private static final Pattern PAIR =
            Pattern.compile("\\s*+([\\w!#$%&'*+.^`|~-]++)=(?:\"([^\"\\\\]*+)\"|([^\\s\",;]*+))\\s*+");

    private ForwardedFor() {
    }

    /** Of the values of a {@code Forwarded} header (RFC 7239); an element that says nothing, or is none, is empty. */
    static List<String> of(List<String> values) {
        return elements(values, true).stream().map(ForwardedFor::forOf).toList();
    }

    /** Of the values of an {@code X-Forwarded-For} header. */
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

    private static String forOf(String element) {
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

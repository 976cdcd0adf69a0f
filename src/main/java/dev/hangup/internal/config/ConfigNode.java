package dev.hangup.internal.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.helidon.common.Size;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;

/** Parses nodes of the configuration in the forms that people write. */
public final class ConfigNode {
    /** The keys that Helidon itself reads in the node of a service. */
    private static final Set<String> SERVICE_KEYS = Set.of("enabled", "name", "type");
    private static final Pattern WITH_UNIT = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([a-zA-Z]+)");
    private static final Map<String, Duration> UNITS = Map.of("ms", Duration.ofMillis(1), "s", Duration.ofSeconds(1),
                                                              "m", Duration.ofMinutes(1), "h", Duration.ofHours(1),
                                                              "d", Duration.ofDays(1));

    private ConfigNode() {
    }

    /**
     * Reads a duration, in the form of ISO 8601 or as a number with a unit: {@code PT10S}, {@code 10s}, {@code 1.5 h}. Zero needs
     * no unit. The exception for any other text contains the key, as those below do.
     */
    public static Duration duration(Config node) {
        String text = node.asString().get().strip();
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        Matcher matcher = WITH_UNIT.matcher(text);
        if (matcher.matches() && UNITS.containsKey(matcher.group(2))) {
            BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(new BigDecimal(UNITS.get(matcher.group(2)).toNanos()));
            text = nanos.toBigInteger().bitLength() < Long.SIZE ? Duration.ofNanos(nanos.longValue()).toString() : text;
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new ConfigException(node.key() + " must be a duration such as 10s, 500ms or PT10S, but is " + text);
        }
    }

    /**
     * Reads a number of bytes, with or without a unit: {@code 2097152}, {@code 2MB}, {@code 2 MiB}. Units are those of {@link
     * Size}.
     */
    public static long bytes(Config node) {
        String text = node.asString().get().strip();
        Matcher matcher = WITH_UNIT.matcher(text);
        try {
            return Size.parse(matcher.matches() ? matcher.group(1) + " " + matcher.group(2) : text).toBytes();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ConfigException(node.key() + " must be a number of bytes such as 2097152 or 2MB, but is " + text);
        }
    }

    /** As {@link #bytes}, for values that must be less than 2 GiB. */
    public static int intBytes(Config node) {
        long bytes = bytes(node);
        if (bytes != (int) bytes) {
            throw new ConfigException(node.key() + " must be less than 2 GiB, but is " + node.asString().get());
        }
        return (int) bytes;
    }

    /**
     * Ensures that a node contains only known keys; the exception contains the unknown key and the known one that is most similar.
     * Keys that may stem from environment variables or system properties are ignored: one variable becomes several keys, of which
     * only one was intended.
     */
    public static void ensureKnown(Config node, Set<String> known) {
        for (Config child : node.asNodeList().orElse(List.of())) {
            String name = child.name();
            if (!known.contains(name) && !SERVICE_KEYS.contains(name) && !isFromEnvironment(child.key().toString())) {
                String nearest = (known.isEmpty() ? SERVICE_KEYS : known).stream().sorted()
                        .min(Comparator.comparingInt(it -> distance(it, name))).orElseThrow();
                throw new ConfigException(child.key() + " is unknown; did you mean " + nearest + "?");
            }
        }
    }

    private static boolean isFromEnvironment(String key) {
        String variable = key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
        return System.getProperties().stringPropertyNames().stream().anyMatch(it -> it.equals(key) || it.startsWith(key + "."))
                || System.getenv().keySet().stream().map(it -> it.toUpperCase(Locale.ROOT))
                        .anyMatch(it -> it.equals(variable) || it.startsWith(variable + "_"));
    }

    /** The number of edits that turn one word into the other (Levenshtein distance). */
    private static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(before[j], row[j - 1]));
            }
            before = row;
        }
        return before[other.length()];
    }
}

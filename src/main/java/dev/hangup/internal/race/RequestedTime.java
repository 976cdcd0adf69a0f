package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.Deadline;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

/** How long a client is willing to wait, where it says so. */
final class RequestedTime {
    private static final HeaderName PREFER = HeaderNames.create("Prefer");
    /** The next of a list of preferences (RFC 7240, 2): anything up to a comma that is in no quotes. */
    private static final Pattern PREFERENCE = Pattern.compile("(?:[^,\"]|\"(?:[^\"\\\\]|\\\\.)*+\"?)++");
    private static final Pattern IS_WAIT = Pattern.compile("\\s*wait\\s*(?:[=;].*)?", Pattern.CASE_INSENSITIVE);
    /** A number of seconds, quoted or not, maybe with parameters that mean nothing (RFC 7240, 4.3). */
    private static final Pattern SECONDS = Pattern.compile("[^=;]*=\\s*(\"?)(\\d{1,18})\\1\\s*(?:;.*)?");
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,18}");

    private RequestedTime() {
    }

    /**
     * What the client asks for with {@link Deadline#HEADER} or the wait preference; the smaller of both.
     *
     * @throws IllegalArgumentException if the header is there and not a number of milliseconds, at least 1; the
     *                                  message is for the client
     */
    static Optional<Duration> of(ServerRequestHeaders headers) {
        Optional<Duration> asked = Optional.empty();
        if (headers.contains(Deadline.HEADER_NAME)) {
            asked = Optional.of(millis(headers.get(Deadline.HEADER_NAME).allValues()));
        }
        if (headers.contains(PREFER)) {
            Optional<Duration> preferred = preferred(headers.get(PREFER).allValues());
            if (preferred.isPresent() && (asked.isEmpty() || preferred.get().compareTo(asked.get()) < 0)) {
                return preferred;
            }
        }
        return asked;
    }

    private static Duration millis(List<String> values) {
        String value = values.size() == 1 ? values.getFirst().strip() : "";
        if (!MILLIS.matcher(value).matches() || Long.parseLong(value) == 0) {
            throw new IllegalArgumentException(Deadline.HEADER + " must be one whole number of milliseconds, at least 1");
        }
        return Duration.ofMillis(Long.parseLong(value));
    }

    private static Optional<Duration> preferred(List<String> values) {
        for (String value : values) {
            Matcher preferences = PREFERENCE.matcher(value);
            while (preferences.find()) {
                if (IS_WAIT.matcher(preferences.group()).matches()) {
                    // the first of a kind counts (RFC 7240, 2), and if it says nothing, none does
                    return seconds(preferences.group());
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Duration> seconds(String preference) {
        Matcher wait = SECONDS.matcher(preference);
        // no time at all is no wait to speak of
        return wait.matches() && Long.parseLong(wait.group(2)) > 0
                ? Optional.of(Duration.ofSeconds(Long.parseLong(wait.group(2))))
                : Optional.empty();
    }
}

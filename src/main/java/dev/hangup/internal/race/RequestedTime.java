package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.Deadline;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

/** The time that a client is willing to wait, if its request specifies one. */
final class RequestedTime {
    private static final HeaderName PREFER = HeaderNames.create("Prefer");
    /** The next element of a list of preferences (RFC 7240, 2): everything up to a comma outside of quotes. */
    private static final Pattern PREFERENCE = Pattern.compile("(?:[^,\"]|\"(?:[^\"\\\\]|\\\\.)*+\"?)++");
    private static final Pattern IS_WAIT = Pattern.compile("\\s*wait\\s*(?:[=;].*)?", Pattern.CASE_INSENSITIVE);
    /** A number of seconds, quoted or not, possibly with parameters, which are ignored (RFC 7240, 4.3). */
    private static final Pattern SECONDS = Pattern.compile("[^=;]*=\\s*(\"?)(\\d{1,18})\\1\\s*(?:;.*)?");
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,18}");

    private RequestedTime() {
    }

    /**
     * The time that the client requests with {@link Deadline#HEADER} or with the wait preference; the smaller of the two.
     *
     * @throws IllegalArgumentException if the header is present and is not a number of milliseconds, at least 1; the message is
     *                                  intended for the client
     */
    static Optional<Duration> of(ServerRequestHeaders headers) {
        Optional<Duration> asked = Optional.empty();
        if (headers.contains(Deadline.HEADER_NAME)) {
            asked = Optional.of(millis(headers.get(Deadline.HEADER_NAME)));
        }
        if (headers.contains(PREFER)) {
            Optional<Duration> preferred = preferred(headers.get(PREFER).allValues());
            if (preferred.isPresent() && (asked.isEmpty() || preferred.get().compareTo(asked.get()) < 0)) {
                return preferred;
            }
        }
        return asked;
    }

    private static Duration millis(Header header) {
        String value = header.valueCount() == 1 ? header.get().strip() : "";
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
                    // the first preference of a name counts (RFC 7240, 2); if that one has no valid value, later ones are not
                    // considered
                    return seconds(preferences.group());
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Duration> seconds(String preference) {
        Matcher wait = SECONDS.matcher(preference);
        // a wait of zero is ignored
        return wait.matches() && Long.parseLong(wait.group(2)) > 0
                ? Optional.of(Duration.ofSeconds(Long.parseLong(wait.group(2))))
                : Optional.empty();
    }
}

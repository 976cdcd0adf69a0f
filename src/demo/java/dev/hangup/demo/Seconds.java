package dev.hangup.demo;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/** The parameter {@code seconds}, the duration of the work. */
final class Seconds {
    private static final String NAME = "seconds";
    private static final Pattern DECIMAL = Pattern.compile("\\d{1,4}(\\.\\d{1,9})?");
    private static final BigDecimal MAX = BigDecimal.valueOf(3600);
    private static final Duration DEFAULT = Duration.ofSeconds(3);

    private Seconds() {
    }

    static Duration of(UriQuery query) {
        if (!query.contains(NAME)) {
            return DEFAULT;
        }
        List<String> values = query.all(NAME);
        if (values.size() != 1 || !DECIMAL.matcher(values.getFirst()).matches()) {
            throw bad();
        }
        BigDecimal seconds = new BigDecimal(values.getFirst());
        if (seconds.compareTo(MAX) > 0) {
            throw bad();
        }
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
    }

    private static HttpException bad() {
        return new HttpException("seconds must be one decimal number from 0 to 3600", Status.BAD_REQUEST_400, true);
    }
}

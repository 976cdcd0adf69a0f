package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.Deadline;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RequestedTimeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "wait=5                              | 5",
            "WAIT=5                              | 5",
            "wait = 5                            | 5",
            "'wait=\"5\"'                        | 5",
            "respond-async, wait=5               | 5",
            "wait=5; foo=bar, return=minimal     | 5",
            "wait=7, wait=5                      | 7",
            "'foo=\"a, wait=9, b\", wait=5'      | 5",
            "'foo=\"a\\\", wait=9\", wait=5'     | 5",
            "foo; wait=9, wait=5                 | 5",
            "waiting=9, wait=5                   | 5"})
    void waitPreferenceIsFound(String prefer, int seconds) {
        assertEquals(Optional.of(Duration.ofSeconds(seconds)), of("Prefer", prefer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wait", "wait=", "wait=abc", "wait=-5", "wait=1.5", "wait=0", "wait=\"5", "wait=5\"",
            "wait=5 6", "wait=12345678901234567890", "respond-async", "foo=\"wait=5\"", "wait=abc, wait=5",
            "await=5", ",,;=\"\\"})
    void whatIsNoWaitPreferenceIsIgnored(String prefer) {
        assertEquals(Optional.empty(), of("Prefer", prefer));
    }

    @Test
    void firstWaitCountsAcrossHeaders() {
        assertEquals(Optional.of(Duration.ofSeconds(3)), of("Prefer", "respond-async", "wait=3", "wait=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "-1", "0", "1.5", "+5", "1e3", "5, 6", "12345678901234567890", "0x10", "５"})
    void malformedTimeoutIsRefusedByName(String value) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
                                                        () -> of("X-Request-Timeout-Ms", value));
        assertTrue(refused.getMessage().contains("X-Request-Timeout-Ms"), refused.getMessage());
    }

    @Test
    void timeoutThatIsSaidTwiceIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> of("X-Request-Timeout-Ms", "5", "5"));
    }

    @Test
    void smallerOfBothCounts() {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.set(HeaderNames.create("Prefer"), "wait=2");
        headers.set(Deadline.HEADER_NAME, "1500");
        assertEquals(Optional.of(Duration.ofMillis(1500)), RequestedTime.of(ServerRequestHeaders.create(headers)));
        headers.set(Deadline.HEADER_NAME, "2500");
        assertEquals(Optional.of(Duration.ofSeconds(2)), RequestedTime.of(ServerRequestHeaders.create(headers)));
    }

    private static Optional<Duration> of(String name, String... values) {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.set(HeaderNames.create(name), values);
        return RequestedTime.of(ServerRequestHeaders.create(headers));
    }
}

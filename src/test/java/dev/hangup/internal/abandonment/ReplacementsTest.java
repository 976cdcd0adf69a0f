package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Which of the requests that clients leave are abandoned, and which are replaced. */
class ReplacementsTest {
    private static final int AT_MOST = 1000;
    private static final ClientRoute CLIENT_ROUTE = new ClientRoute("192.0.2.7", "/search");

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Replacements replacements = new Replacements(Duration.ofSeconds(10), AT_MOST, now::get);
    private final AbandonmentWindows windows = replacements.windows();

    /** {@code a} arrives, {@code -a} is left, a number passes as milliseconds. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # one that is left, and nothing comes
            a -a                                  | 1
            # a search: the next comes after the departure, or before it
            a -a b -b c -c d                      | 0
            a b -a c -b d -c                      | 0
            a -a 1000 b                           | 0
            a b 1000 -a                           | 0
            # that goes back to what it has asked for before; at once, that is a retry
            a -a b -b 600 c -c 600 b -b 600 a     | 0
            a -a b -b a                           | 1
            # too late to be one
            a -a 1001 b                           | 1
            a b 1001 -a                           | 1
            # retries, whichever is noticed first
            a -a a -a a -a a                      | 3
            a a -a a -a a -a                      | 3
            a -a a b                              | 1
            # a request replaces one
            a b -a -b                             | 1
            a b c d -a -b -c -d                   | 3
            a b c d -a -b -c -d e                 | 2
            # a page that gives up two requests, and sends both again
            a b -a -b a b -a -b a b               | 3
            a b 2000 -a -b a b 2000 -a -b a b     | 4""")
    void abandonedAreThoseThatNothingReplaces(String events, int abandoned) {
        for (String event : events.split(" ")) {
            if (event.startsWith("-")) {
                replacements.departed(request(event.substring(1)));
            } else if (Character.isDigit(event.charAt(0))) {
                now.addAndGet(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(event)));
            } else {
                replacements.arrived(request(event));
            }
        }
        assertEquals(abandoned, windows.find(CLIENT_ROUTE).map(AbandonmentWindows.Window::count).orElse(0));
    }

    @Test
    void otherClientsAndRoutesReplaceNothing() {
        replacements.arrived(request("a"));
        replacements.departed(request("a"));
        replacements.arrived(new LimitedRequest(new ClientRoute("192.0.2.8", "/search"), 2));
        replacements.arrived(new LimitedRequest(new ClientRoute("192.0.2.7", "/other"), 2));
        assertEquals(1, windows.find(CLIENT_ROUTE).orElseThrow().count());
    }

    @Test
    void clientsThatComeAndStayTakeNoMoreRoomThanIsAllowed() {
        for (int i = 0; i < 100_000; i++) {
            replacements.arrived(new LimitedRequest(new ClientRoute("client " + i, "/search"), 1));
        }
        assertTrue(replacements.size() > 0 && replacements.size() <= AT_MOST, replacements.size() + " clients");
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        assertEquals(0, replacements.size());
    }

    private static LimitedRequest request(String target) {
        return new LimitedRequest(CLIENT_ROUTE, target.hashCode());
    }
}

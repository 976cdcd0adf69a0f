package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is remembered of clients, and for how long. */
class AbandonmentWindowsTest {
    private static final int AT_MOST = 1000;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final AbandonmentWindows windows = new AbandonmentWindows(Duration.ofSeconds(10), AT_MOST, now::get);
    private final ClientRoute clientRoute = new ClientRoute("192.0.2.7", "/work");

    @Test
    void windowIsOpenFromTheFirstAbandonedRequestOn() {
        windows.abandoned(clientRoute);
        pass(9);
        windows.abandoned(clientRoute);
        AbandonmentWindows.Window window = windows.find(clientRoute).orElseThrow();
        assertEquals(2, window.count());
        assertEquals(TimeUnit.SECONDS.toNanos(1), windows.left(window));
        pass(1);
        assertTrue(windows.find(clientRoute).isEmpty());
    }

    @Test
    void nextOneBeginsAnew() {
        windows.abandoned(clientRoute);
        pass(10);
        windows.abandoned(clientRoute);
        assertEquals(1, windows.find(clientRoute).orElseThrow().count());
        assertEquals(TimeUnit.SECONDS.toNanos(10), windows.left(windows.find(clientRoute).orElseThrow()));
    }

    @Test
    void whatWasTakenBackDoesNotCount() {
        windows.abandoned(clientRoute);
        AbandonmentWindows.Window window = windows.abandoned(clientRoute);
        windows.takeBack(clientRoute, window);
        assertEquals(1, windows.find(clientRoute).orElseThrow().count());
        windows.takeBack(clientRoute, window);
        pass(9);
        windows.abandoned(clientRoute);
        assertEquals(TimeUnit.SECONDS.toNanos(10), windows.left(windows.find(clientRoute).orElseThrow()));
    }

    @Test
    void routesAreCountedApart() {
        windows.abandoned(clientRoute);
        assertTrue(windows.find(new ClientRoute("192.0.2.7", "/other")).isEmpty());
    }

    @Test
    void aMillionClientsTakeNoMoreRoomThanIsAllowed() {
        for (int i = 0; i < 1_000_000; i++) {
            windows.abandoned(new ClientRoute("client " + i, "/work"));
            if (i % 10_000 == 0) {
                assertTrue(windows.size() > 0 && windows.size() <= AT_MOST, windows.size() + " clients");
            }
        }
        assertTrue(windows.size() > 0 && windows.size() <= AT_MOST, windows.size() + " clients");
    }

    @Test
    void nothingIsLeftOfThoseWhoStayAway() {
        windows.abandoned(clientRoute);
        pass(10);
        assertEquals(0, windows.size());
    }

    @Test
    void isTellingOnlyOnce() {
        windows.abandoned(clientRoute);
        AbandonmentWindows.Window window = windows.find(clientRoute).orElseThrow();
        assertEquals(List.of(true, false, false), List.of(window.firstTime(), window.firstTime(), window.firstTime()));
    }

    private void pass(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}

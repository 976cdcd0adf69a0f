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
    private final Visitor visitor = new Visitor("192.0.2.7", "/work");

    @Test
    void windowIsOpenFromTheFirstAbandonedRequestOn() {
        windows.abandoned(visitor);
        pass(9);
        windows.abandoned(visitor);
        AbandonmentWindows.Window window = windows.find(visitor).orElseThrow();
        assertEquals(2, window.count());
        assertEquals(TimeUnit.SECONDS.toNanos(1), windows.left(window));
        pass(1);
        assertTrue(windows.find(visitor).isEmpty());
    }

    @Test
    void nextOneBeginsAnew() {
        windows.abandoned(visitor);
        pass(10);
        windows.abandoned(visitor);
        assertEquals(1, windows.find(visitor).orElseThrow().count());
        assertEquals(TimeUnit.SECONDS.toNanos(10), windows.left(windows.find(visitor).orElseThrow()));
    }

    @Test
    void whatWasTakenBackDoesNotCount() {
        windows.abandoned(visitor);
        AbandonmentWindows.Window window = windows.abandoned(visitor);
        windows.takeBack(visitor, window);
        assertEquals(1, windows.find(visitor).orElseThrow().count());
        windows.takeBack(visitor, window);
        pass(9);
        windows.abandoned(visitor);
        assertEquals(TimeUnit.SECONDS.toNanos(10), windows.left(windows.find(visitor).orElseThrow()));
    }

    @Test
    void routesAreCountedApart() {
        windows.abandoned(visitor);
        assertTrue(windows.find(new Visitor("192.0.2.7", "/other")).isEmpty());
    }

    @Test
    void aMillionClientsTakeNoMoreRoomThanIsAllowed() {
        for (int i = 0; i < 1_000_000; i++) {
            windows.abandoned(new Visitor("client " + i, "/work"));
            if (i % 10_000 == 0) {
                assertTrue(windows.size() <= AT_MOST, windows.size() + " clients");
            }
        }
        assertTrue(windows.size() <= AT_MOST, windows.size() + " clients");
    }

    @Test
    void nothingIsLeftOfThoseWhoStayAway() {
        windows.abandoned(visitor);
        pass(10);
        assertEquals(0, windows.size());
    }

    @Test
    void isTellingOnlyOnce() {
        windows.abandoned(visitor);
        AbandonmentWindows.Window window = windows.find(visitor).orElseThrow();
        assertEquals(List.of(true, false, false), List.of(window.firstTime(), window.firstTime(), window.firstTime()));
    }

    private void pass(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}

package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How long results are kept, and how many. */
class ResultCacheTest {
    private static final int AT_MOST = 100;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final ResultCache<String, String> cache = new ResultCache<>(Duration.ofSeconds(10), AT_MOST, result -> 1, now::get);

    @Test
    void aResultGrowsOldAndIsForgotten() {
        cache.put("key", "result");
        pass(Duration.ofMillis(2900));
        ResultCache.Result<String> result = cache.find("key").orElseThrow();
        assertEquals("result", result.value());
        assertEquals(Duration.ofMillis(2900), cache.age(result));
        assertEquals(Duration.ofMillis(7100), cache.timeToLive(cache.age(result)));
        pass(Duration.ofMillis(7099));
        assertTrue(cache.find("key").isPresent());
        pass(Duration.ofMillis(1));
        assertEquals(Optional.empty(), cache.find("key"));
        assertEquals(0, cache.size());
        // for who has found it in time
        assertEquals(Duration.ZERO, cache.timeToLive(cache.age(result).plusSeconds(1)));
    }

    @Test
    void toBeAskedForMakesAResultNoYounger() {
        cache.put("key", "result");
        for (int i = 0; i < 10; i++) {
            assertTrue(cache.find("key").isPresent());
            pass(Duration.ofSeconds(1));
        }
        assertTrue(cache.find("key").isEmpty());
    }

    @Test
    void aMillionResultsTakeNoMoreRoomThanIsAllowed() {
        for (int i = 0; i < 1_000_000; i++) {
            cache.put("key " + i, "result");
            if (i % 10_000 == 0) {
                assertHolds(AT_MOST, cache);
            }
        }
        assertHolds(AT_MOST, cache);
    }

    @Test
    void heavyResultsTakeTheRoomOfMany() {
        ResultCache<String, byte[]> heavy = new ResultCache<>(Duration.ofSeconds(10), AT_MOST, result -> result.length, now::get);
        for (int i = 0; i < 1000; i++) {
            heavy.put("key " + i, new byte[AT_MOST / 2]);
        }
        assertHolds(2, heavy);
        heavy.put("too heavy", new byte[AT_MOST + 1]);
        assertTrue(heavy.find("too heavy").isEmpty());
        assertHolds(2, heavy);
    }

    @Test
    void resultsThatWeighNothingTakeRoomAllTheSame() {
        ResultCache<String, byte[]> light = new ResultCache<>(Duration.ofSeconds(10), AT_MOST, result -> result.length, now::get);
        for (int i = 0; i < 1000; i++) {
            light.put("key " + i, new byte[0]);
        }
        assertHolds(AT_MOST, light);
    }

    private static void assertHolds(int atMost, ResultCache<?, ?> cache) {
        assertTrue(cache.size() > 0 && cache.size() <= atMost, cache.size() + " results");
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}

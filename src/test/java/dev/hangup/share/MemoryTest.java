package dev.hangup.share;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How long results are kept, and how many. */
class MemoryTest {
    private static final int AT_MOST = 100;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Memory<String, String> memory = new Memory<>(Duration.ofSeconds(10), AT_MOST, result -> 1, now::get);

    @Test
    void aResultGrowsOldAndIsForgotten() {
        memory.keep("key", "result");
        pass(Duration.ofMillis(2900));
        Memory.Result<String> result = memory.find("key").orElseThrow();
        assertEquals("result", result.value());
        assertEquals(Duration.ofMillis(2900), memory.age(result));
        assertEquals(Duration.ofMillis(7100), memory.timeToLive(memory.age(result)));
        pass(Duration.ofMillis(7099));
        assertTrue(memory.find("key").isPresent());
        pass(Duration.ofMillis(1));
        assertEquals(Optional.empty(), memory.find("key"));
        assertEquals(0, memory.size());
        // for who has found it in time
        assertEquals(Duration.ZERO, memory.timeToLive(memory.age(result).plusSeconds(1)));
    }

    @Test
    void toBeAskedForMakesAResultNoYounger() {
        memory.keep("key", "result");
        for (int i = 0; i < 10; i++) {
            assertTrue(memory.find("key").isPresent());
            pass(Duration.ofSeconds(1));
        }
        assertTrue(memory.find("key").isEmpty());
    }

    @Test
    void aMillionResultsTakeNoMoreRoomThanIsAllowed() {
        for (int i = 0; i < 1_000_000; i++) {
            memory.keep("key " + i, "result");
            if (i % 10_000 == 0) {
                assertTrue(memory.size() <= AT_MOST, memory.size() + " results");
            }
        }
        assertTrue(memory.size() <= AT_MOST, memory.size() + " results");
    }

    @Test
    void heavyResultsTakeTheRoomOfMany() {
        Memory<String, byte[]> heavy = new Memory<>(Duration.ofSeconds(10), AT_MOST, result -> result.length, now::get);
        for (int i = 0; i < 1000; i++) {
            heavy.keep("key " + i, new byte[AT_MOST / 2]);
        }
        assertTrue(heavy.size() <= 2, heavy.size() + " results");
        heavy.keep("too heavy", new byte[AT_MOST + 1]);
        assertTrue(heavy.find("too heavy").isEmpty());
        assertTrue(heavy.size() <= 2, heavy.size() + " results");
    }

    @Test
    void resultsThatWeighNothingTakeRoomAllTheSame() {
        Memory<String, byte[]> light = new Memory<>(Duration.ofSeconds(10), AT_MOST, result -> result.length, now::get);
        for (int i = 0; i < 1000; i++) {
            light.keep("key " + i, new byte[0]);
        }
        assertTrue(light.size() <= AT_MOST, light.size() + " results");
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}

package dev.hangup.cpu;

import java.util.concurrent.ThreadFactory;

import dev.hangup.internal.race.OffThreadTask;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Computations inside of computations: none waits for a place that it keeps itself. */
class CpuBoundNestingTest {
    private static final ThreadFactory FORK = Thread.ofVirtual().factory();

    private final CpuBound cpu = CpuBound.builder().parallelism(1).build();
    private final CpuBound other = CpuBound.builder().parallelism(1).build();

    @AfterEach
    void allPermitsAreBack() {
        assertEquals(0, cpu.running() + cpu.waiting() + other.running() + other.waiting());
    }

    @Test
    void theInnerOneRunsInThePlaceOfTheOuter() throws Exception {
        cpu.call(() -> {
            assertSame(Thread.currentThread(), cpu.call(() -> cpu.call(Thread::currentThread)));
            assertEquals(1, cpu.running());
            return null;
        });
    }

    @Test
    void theInnerOneIsNotBegunIfTheOuterIsStopped() {
        assertThrows(InterruptedException.class, () -> cpu.call(() -> {
            Thread.currentThread().interrupt();
            return cpu.call(() -> {
                throw new AssertionError("begun");
            });
        }));
    }

    @Test
    void theInnerOneOfAnotherBoundHasAPlaceOfItsOwn() throws Exception {
        cpu.call(() -> {
            assertNotSame(Thread.currentThread(), other.call(Thread::currentThread));
            return null;
        });
    }

    @Test
    void aForkIsRefusedThatWouldWaitForWhoWaitsForIt() {
        assertThrows(IllegalStateException.class, () -> cpu.call(
                () -> OffThreadTask.call("fork", FORK, () -> cpu.call(() -> "never"), Thread::interrupt)));
    }

    @Test
    void aCircleOfTwoBoundsIsRefused() {
        assertThrows(IllegalStateException.class, () -> cpu.call(() -> other.call(() -> cpu.call(() -> "never"))));
    }

    @Test
    void aForkBeforeTheComputationHasAPlaceOfItsOwn() throws Exception {
        assertEquals("computed", OffThreadTask.call("fork", FORK, () -> cpu.call(() -> "computed"), Thread::interrupt));
    }
}

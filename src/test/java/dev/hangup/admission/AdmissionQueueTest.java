package dev.hangup.admission;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

import dev.hangup.Uninterruptible;
import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;

import io.helidon.http.HttpException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Who is let in, and in which order. */
class AdmissionQueueTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final Trail trail = new Trail();
    private final List<Thread> visitors = new ArrayList<>();

    @Test
    void firstComeFirstServed() throws Exception {
        assertEquals(List.of("first", "second", "third"), orderOf(new AdmissionQueue("work", 1, 3, HOUR)));
    }

    @Test
    void theNewestGoesFirstWhileManyDoNotStayUntilTheyAreServed() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 3, HOUR);
        for (int i = 0; i < 4; i++) {
            abandoned(admission);
        }
        assertEquals(List.of("third", "second", "first"), orderOf(admission));
    }

    @Test
    void theNewestGoesFirstWhileManyPermitsAreMarkedAsAbandoned() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 3, HOUR);
        for (int i = 0; i < 4; i++) {
            try (AdmissionQueue.Permit permit = admission.enter()) {
                permit.markAbandoned();
            }
        }
        assertEquals(List.of("third", "second", "first"), orderOf(admission));
    }

    @Test
    void theNewestGoesFirstWhileManyLeaveTheQueue() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 3, HOUR);
        try (AdmissionQueue.Permit permit = admission.enter()) {
            for (int i = 0; i < 4; i++) {
                visit(admission, "leaver");
                Thread leaver = visitors.removeLast();
                leaver.interrupt();
                leaver.join();
            }
            assertEquals(List.of("leaver interrupted", "leaver interrupted", "leaver interrupted", "leaver interrupted"),
                         trail.events());
        }
        assertEquals(List.of("third", "second", "first"), orderOf(admission).subList(4, 7));
    }

    @Test
    void fairnessReturnsWhenNearlyAllDo() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 3, HOUR);
        for (int i = 0; i < 4; i++) {
            abandoned(admission);
        }
        for (int i = 0; i < 100; i++) {
            assertEquals("served", admission.run(() -> "served"));
        }
        assertEquals(List.of("first", "second", "third"), orderOf(admission));
    }

    @ParameterizedTest
    @CsvSource({"0, 1, PT1S", "-1, 1, PT1S", "1, -1, PT1S", "1, 1, PT0.9S"})
    void aBoundThatLetsNobodyInIsRefused(int atOnce, int queue, Duration retryAfter) {
        assertThrows(IllegalArgumentException.class, () -> new AdmissionQueue("work", atOnce, queue, retryAfter));
    }

    @Test
    void whoFindsTheQueueFullIsRefused() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 0, Duration.ofSeconds(7));
        try (AdmissionQueue.Permit permit = admission.enter()) {
            HttpException refusal = assertThrows(HttpException.class, admission::enter);
            assertEquals(503, refusal.status().code());
            assertEquals("Too much work is waiting already", refusal.getMessage());
        }
        admission.enter().close();
    }

    @Test
    void whoIsInterruptedGivesUpTheirPlace() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 3, HOUR);
        try (AdmissionQueue.Permit permit = admission.enter()) {
            visit(admission, "first");
            visit(admission, "second");
            visitors.getFirst().interrupt();
            trail.await("first interrupted");
            assertEquals(1, admission.waiting());
        }
        trail.await("second");
        Await.until("the permit is back", () -> admission.running() == 0);
        assertEquals(List.of("first interrupted", "second"), trail.events());
    }

    @Test
    void whoWaitsInWorkThatNobodyInterruptsLeavesWhenItIsCancelled() throws Exception {
        AdmissionQueue admission = new AdmissionQueue("work", 1, 3, HOUR);
        try (AdmissionQueue.Permit permit = admission.enter()) {
            FutureTask<String> call = new FutureTask<>(() -> Uninterruptible.call(() -> admission.run(() -> "never")));
            Thread caller = Thread.ofVirtual().start(call);
            Await.until("it waits", () -> admission.waiting() == 1);
            caller.interrupt();
            Await.until("it leaves", call::isDone);
            assertInstanceOf(InterruptedException.class, call.exceptionNow());
            assertEquals(0, admission.waiting());
        }
        assertEquals(0, admission.running());
    }

    private List<String> orderOf(AdmissionQueue admission) throws Exception {
        try (AdmissionQueue.Permit permit = admission.enter()) {
            visit(admission, "first");
            visit(admission, "second");
            visit(admission, "third");
        }
        for (Thread visitor : visitors) {
            visitor.join();
        }
        assertEquals(0, admission.running());
        return trail.events();
    }

    private static void abandoned(AdmissionQueue admission) {
        assertThrows(InterruptedException.class, () -> admission.run(() -> {
            throw new InterruptedException();
        }));
    }

    private void visit(AdmissionQueue admission, String name) {
        visitors.add(Thread.ofVirtual().start(() -> {
            try (AdmissionQueue.Permit permit = admission.enter()) {
                trail.add(name);
            } catch (InterruptedException e) {
                trail.add(name + " interrupted");
            }
        }));
        Await.until(name + " waits", () -> admission.waiting() == visitors.size());
    }
}

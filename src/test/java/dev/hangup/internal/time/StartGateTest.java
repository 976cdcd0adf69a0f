package dev.hangup.internal.time;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.testing.Await;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The gate between the start of a thread and its work. */
class StartGateTest {
    private StartGate gate = new StartGate();
    private final AtomicBoolean worked = new AtomicBoolean();

    /** A thread that spins could keep the processor of the one that is to open the gate, which the kernel has preempted for it. */
    @Test
    void threadThatIsEarlyParksUntilTheGateOpens() throws Exception {
        Thread early = parkedAtTheGate();
        assertFalse(worked.get());
        gate.open();
        assertTrue(early.join(Await.TIME), "it ends");
        assertTrue(worked.get());
    }

    @Test
    void threadThatIsEarlyEndsWithoutItsWorkIfTheStartFails() throws Exception {
        Thread early = parkedAtTheGate();
        gate.shutUnlessOpen();
        assertTrue(early.join(Await.TIME), "it ends");
        assertFalse(worked.get());
    }

    @Test
    void interruptLeavesTheGateClosedAndReachesTheWork() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread early = Thread.ofVirtual().start(gate.guard(() -> {
            interrupted.set(Thread.currentThread().isInterrupted());
            worked.set(true);
        }));
        early.interrupt();
        Await.until("it waits without parking", () -> early.getState() == Thread.State.RUNNABLE);
        assertFalse(worked.get());
        gate.open();
        assertTrue(early.join(Await.TIME), "it ends");
        assertTrue(worked.get());
        assertTrue(interrupted.get());
    }

    /** As on JDK 21 to 23, if no native thread can be started for one more carrier. */
    @Test
    void startSucceedsThoughUnparkThrowsWhenItHasWokenTheThread() throws Exception {
        gate = new StartGate(LockSupport::park, thread -> {
            LockSupport.unpark(thread);
            throw new InternalError("unable to create native thread");
        });
        Thread early = parkedAtTheGate();
        gate.open();
        assertTrue(early.join(Await.TIME), "it ends");
        assertTrue(worked.get());
    }

    @Test
    void threadProceedsThoughUnparkThrowsBeforeItHasWokenIt() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        gate = new StartGate(LockSupport::park, thread -> {
            if (calls.incrementAndGet() == 1) {
                throw new InternalError("Java heap space");
            }
            LockSupport.unpark(thread);
        });
        Thread early = parkedAtTheGate();
        gate.open();
        assertTrue(early.join(Await.TIME), "it ends");
        assertTrue(worked.get());
    }

    @Test
    void threadThatCannotParkWaitsAllTheSame() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        gate = new StartGate(blocker -> {
            attempts.incrementAndGet();
            throw new InternalError("Java heap space");
        }, LockSupport::unpark);
        Thread early = Thread.ofVirtual().start(gate.guard(() -> worked.set(true)));
        Await.until("it tries again", () -> attempts.get() > 1);
        assertFalse(worked.get());
        gate.open();
        assertTrue(early.join(Await.TIME), "it ends");
        assertTrue(worked.get());
    }

    private Thread parkedAtTheGate() {
        Thread early = Thread.ofVirtual().start(gate.guard(() -> worked.set(true)));
        Await.until("it parks", () -> early.getState() == Thread.State.WAITING);
        return early;
    }
}

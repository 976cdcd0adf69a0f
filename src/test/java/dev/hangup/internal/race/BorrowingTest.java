package dev.hangup.internal.race;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

import dev.hangup.Uninterruptible;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Trail;

import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who waits for what a pool lends, and what becomes of it when they leave. */
class BorrowingTest {
    private final Trail trail = new Trail();
    private final AutoCloseable lent = () -> trail.add(Thread.currentThread().isInterrupted() ? "interrupted" : "given back");

    @Test
    void whatIsLentIsTheCallers() throws Exception {
        assertSame(lent, borrowing(() -> lent, 1).borrow());
        assertEquals(List.of(), trail.events());
    }

    @Test
    void theExceptionOfThePoolIsTheCallers() {
        IOException failure = new IOException("of the pool");
        assertSame(failure, assertThrows(IOException.class, () -> borrowing(() -> {
            throw failure;
        }, 1).borrow()));
    }

    @Test
    void thePoolSeesTheContextOfTheCaller() throws Exception {
        Context context = Context.create();
        context.register(lent);
        Borrowing<AutoCloseable> borrowing = borrowing(() -> Contexts.context()
                .flatMap(it -> it.get(AutoCloseable.class))
                .orElseThrow(), 1);
        FutureTask<AutoCloseable> call = new FutureTask<>(borrowing::borrow);
        Contexts.runInContext(context, call);
        assertSame(lent, call.get());
    }

    @Test
    void aCallerThatIsInterruptedLeavesAndWhatIsLentLaterIsGivenBack() {
        Borrowing<AutoCloseable> borrowing = borrowing(this::lentOnceReleased, 1);
        Call call = new Call(borrowing);
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        trail.add("left");
        trail.add("release");
        trail.await("given back");
        assertEquals(List.of("started", "left", "release", "released", "given back"), trail.events());
    }

    @Test
    void aCallerInWorkThatNobodyInterruptsLeavesWhenItIsCancelled() {
        Borrowing<AutoCloseable> borrowing = borrowing(this::lentOnceReleased, 1);
        Call call = new Call(() -> Uninterruptible.call(borrowing::borrow));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        trail.add("left");
        trail.add("release");
        trail.await("given back");
        assertEquals(List.of("started", "left", "release", "released", "given back"), trail.events());
    }

    @Test
    void aCallerWaitsIfTooManyHaveLeftBefore() {
        Borrowing<AutoCloseable> borrowing = borrowing(this::lentOnceReleased, 2);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(new Call(borrowing));
        }
        trail.await("started", 3);
        calls.get(0).thread.interrupt();
        calls.get(0).awaitInterruptedException();
        calls.get(1).thread.interrupt();
        calls.get(1).awaitInterruptedException();
        Thread last = calls.get(2).thread;
        last.interrupt();
        Await.until("the interrupt is taken", () -> !last.isInterrupted());
        Await.untilBlocked(last);
        assertFalse(calls.get(2).result.isDone());
        trail.add("release");
        calls.get(2).awaitInterruptedException();
        trail.await("given back", 3);
        assertFalse(trail.events().contains("interrupted"), trail.events().toString());
    }

    @Test
    void anErrorThatNobodyWaitsForIsLogged() {
        try (Logged trouble = Logged.trouble(Borrowing.class.getName())) {
            Call call = new Call(borrowing(() -> {
                lentOnceReleased();
                throw new OutOfMemoryError("for the test");
            }, 1));
            trail.await("started");
            call.thread.interrupt();
            call.awaitInterruptedException();
            trail.add("release");
            trouble.trail().await("A pool failed, while nobody waited for it any more");
        }
    }

    /** As without memory for one more native thread. */
    @Test
    void whatIsLentIsGivenBackByTheCallerIfNoThreadCanBeStarted() {
        Borrowing<AutoCloseable> borrowing = new Borrowing<>(() -> lent, 1, task -> new Thread(task) {
            @Override
            public void start() {
                throw new OutOfMemoryError("for the test");
            }
        });
        try (Logged trouble = Logged.trouble(Borrowing.class.getName())) {
            Thread.currentThread().interrupt();
            borrowing.giveBack(lent);
            assertTrue(Thread.interrupted());
            assertEquals(List.of("given back"), trail.events());
            trouble.trail().await("No thread could be started to give back a borrowed object");
        }
    }

    private AutoCloseable lentOnceReleased() {
        trail.ignoreInterruptsUntil("release");
        return lent;
    }

    private Borrowing<AutoCloseable> borrowing(Callable<AutoCloseable> lend, int maxAbandoned) {
        return new Borrowing<>(lend, maxAbandoned, Thread.ofVirtual().factory());
    }

    /** A virtual thread that borrows. */
    private static final class Call {
        private final FutureTask<AutoCloseable> result;
        private final Thread thread;

        private Call(Borrowing<AutoCloseable> borrowing) {
            this(borrowing::borrow);
        }

        private Call(Callable<AutoCloseable> borrow) {
            result = new FutureTask<>(borrow);
            thread = Thread.ofVirtual().start(result);
        }

        private void awaitInterruptedException() {
            Await.until("the caller leaves", result::isDone);
            assertInstanceOf(InterruptedException.class, result.exceptionNow());
        }
    }
}

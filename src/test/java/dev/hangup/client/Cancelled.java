package dev.hangup.client;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

import dev.hangup.Cancellation;
import dev.hangup.Uninterruptible;
import dev.hangup.testing.Await;

import static org.junit.jupiter.api.Assertions.assertThrows;

/** Work that is cancelled, on a thread that nobody interrupts. */
final class Cancelled {
    private Cancelled() {
    }

    /** Returns what work computes that is cancelled before it does anything. */
    static <T> T call(Callable<T> work) throws Exception {
        return during(cancel -> {
            cancel.run();
            return work.call();
        });
    }

    /** Returns what work computes that is cancelled when it says so. */
    static <T> T during(Work<T> work) throws Exception {
        Thread caller = Thread.currentThread();
        FutureTask<T> task = new FutureTask<>(() -> work.call(() -> {
            caller.interrupt();
            Await.until("the work is cancelled", Cancellation.current()::isRequested);
        }));
        // what it computes is dropped, since it is cancelled
        assertThrows(InterruptedException.class, () -> Uninterruptible.call(() -> {
            task.run();
            return null;
        }));
        return task.get();
    }

    /** Some work. */
    @FunctionalInterface
    interface Work<T> {
        /** Runs it; it calls the given code to be cancelled. */
        T call(Runnable cancel) throws Exception;
    }
}

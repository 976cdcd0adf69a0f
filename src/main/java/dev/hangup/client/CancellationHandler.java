package dev.hangup.client;

import java.util.function.Supplier;

import dev.hangup.Cancellation;
import dev.hangup.internal.race.OffThreadTask;

import io.helidon.faulttolerance.FtHandler;
import io.helidon.faulttolerance.SupplierException;

/**
 * Notifies Helidon's fault tolerance of the cancellation of a request. An interrupt reaches a {@code Retry} as a timeout or as a
 * failure of the call, so the {@code Retry} begins another attempt, and a {@code CircuitBreaker} counts it against the service that
 * is called. With this handler directly inside of them, both get an {@link InterruptedException}, which ends a {@code Retry}:
 * {@snippet :
 * FtHandler calls = FaultTolerance.builder()
 *         .addTimeout(Timeout.builder().timeout(Duration.ofSeconds(2)).currentThread(true).build())
 *         .add(CancellationHandler.create())
 *         .addBreaker(CircuitBreaker.builder().addSkipOn(InterruptedException.class).build())
 *         .addRetry(Retry.builder().calls(3).build())
 *         .build();
 * }
 * Once the {@linkplain Cancellation#current() current work} is cancelled, no call begins, and a call that fails throws {@link
 * SupplierException} with an {@link InterruptedException} as its cause; the interrupt status is then cleared. The exception of the
 * call is the cause of the {@code InterruptedException}. Errors are thrown as they are. The result of a call that succeeds
 * nevertheless is returned, since it may have to be closed, and the interrupt status is set, unless the work is uninterruptible.
 * Calls of work that is not cancelled are not changed.
 * <p>
 * Handlers that have a thread of their own, such as a {@code Timeout} without {@code currentThread}, do not belong around this
 * one: there is no current work on that thread. Instances may be used by any thread.
 */
public final class CancellationHandler implements FtHandler {
    private CancellationHandler() {
    }

    /**
     * Creates a handler.
     *
     * @return the handler
     */
    public static CancellationHandler create() {
        return new CancellationHandler();
    }

    @Override
    public String name() {
        return "hangup-cancellation";
    }

    @Override
    public <T> T invoke(Supplier<? extends T> supplier) {
        Cancellation cancellation = Cancellation.current();
        ensureNotCancelled(cancellation, null);
        T result;
        try {
            result = supplier.get();
        } catch (RuntimeException e) {
            ensureNotCancelled(cancellation, e);
            throw e;
        }
        // an interrupt that came too late for the call is lost if a Timeout was around it
        OffThreadTask.restoreInterrupt();
        return result;
    }

    private static void ensureNotCancelled(Cancellation cancellation, RuntimeException failure) {
        try {
            cancellation.throwIfRequested();
        } catch (InterruptedException e) {
            Thread.interrupted();
            throw new SupplierException(failure == null ? e : e.initCause(failure));
        }
    }
}

package dev.hangup.cpu;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

import dev.hangup.admission.AdmissionQueue;
import dev.hangup.internal.race.OffThreadTask;

import io.helidon.builder.api.RuntimeType;
import io.helidon.config.Config;

/**
 * Runs computations on platform threads, as many at a time as there are cores, and keeps the others in a queue.
 * <p>
 * A virtual thread that computes keeps its carrier until it is done. On JDK 24 and newer, the carrier guard ({@link
 * dev.hangup.HangupConfig#carrierGuard()}) keeps other virtual threads running meanwhile. The guard does not bound the number
 * of computations, so many of them share the cores and all become slow. With this class, each computation runs at full speed,
 * and computations that would finish too late are refused or never begun. Use it if computing requests are a large part of the
 * load, or on JDK 21 to 23.
 * <pre>{@code
 * CpuBound cpu = CpuBound.create(config.get("cpu"));
 *
 * routing.get("/primes", Hangup.cancellable(request -> cpu.call(() -> primes(limit(request)))));
 * }</pre>
 * The computation runs on a new thread, {@code hangup-cpu-N} in a thread dump. Starting that thread costs some tenths of a
 * millisecond, so shorter computations do not benefit. The computation has the scoped values, the Helidon context and the
 * logging context of its request. When the request is cancelled, its thread is interrupted. A computation polls the interrupt
 * status in the ordinary way:
 * <pre>{@code
 * for (long n = 3; n < limit; n += 2) {
 *     if (Thread.interrupted()) {
 *         throw new InterruptedException();
 *     }
 *     ...
 * }
 * }</pre>
 * A poll costs less than a nanosecond, and next to nothing if each step of the loop depends on the one before. A loop may
 * therefore poll in every iteration, or in every thousandth if an iteration takes only a few instructions. A computation that
 * never polls keeps its permit until it is done, although its client has got a response.
 * <p>
 * While {@code parallelism} computations run, up to {@code queue} more calls wait. Calls beyond that get 503 with {@code
 * Retry-After} at once. The oldest waiting call goes first, unless many callers leave before their turn; the newest then goes
 * first ({@link AdmissionQueue} says why). A computation whose client has left, or whose deadline has passed, while it waited
 * is never begun. The bounds apply to each instance; callers that share an instance share its bounds.
 */
@RuntimeType.PrototypedBy(CpuBoundConfig.class)
public final class CpuBound implements RuntimeType.Api<CpuBoundConfig> {
    private final CpuBoundConfig config;
    private final AdmissionQueue admission;
    /** The thread factory of this instance, by which it recognises its threads. */
    private final ThreadFactory threads;

    CpuBound(CpuBoundConfig config, ThreadFactory threads) {
        this.config = config;
        this.threads = threads;
        this.admission = new AdmissionQueue("computation", config.parallelism(), config.queue(), config.retryAfter());
    }

    /** {@return a builder to set up an instance in code, with the defaults} */
    public static CpuBoundConfig.Builder builder() {
        return CpuBoundConfig.builder();
    }

    /**
     * Creates an instance with the defaults: one computation for each core.
     *
     * @return a new instance
     */
    public static CpuBound create() {
        return builder().build();
    }

    /**
     * Creates an instance from configuration.
     *
     * @param config the node that has {@code parallelism} and the other keys
     * @return a new instance
     */
    public static CpuBound create(Config config) {
        return builder().config(config).build();
    }

    static CpuBound create(CpuBoundConfig config) {
        return new CpuBound(config, Thread.ofPlatform()
                .name("hangup-cpu-", 1)
                .daemon()
                .inheritInheritableThreadLocals(false)
                .factory());
    }

    static CpuBound create(Consumer<CpuBoundConfig.Builder> consumer) {
        return builder().update(consumer).build();
    }

    /**
     * Runs a computation, and returns when it has ended. Any thread may call this method, inside a request under Hangup or
     * outside. A nested call on the same instance runs on the thread of the outer computation, under its permit.
     *
     * @param computation runs on a platform thread that is interrupted when the calling thread is
     * @param <T>         the type of the result
     * @return the result of the computation
     * @throws io.helidon.http.HttpException with 503, if the queue is full
     * @throws IllegalStateException         if the calling thread works for a computation of the same instance: as a subtask in
     *                                       its task scope, or in a nested call on another instance. The outer computation
     *                                       would hold the permit that this call might wait for
     * @throws InterruptedException          if the calling thread was interrupted, or its request was cancelled. If the
     *                                       computation had begun, this is thrown once it has ended
     * @throws Exception                     if the computation threw an exception
     */
    public <T> T call(Callable<? extends T> computation) throws Exception {
        Objects.requireNonNull(computation);
        Optional<Thread> around = OffThreadTask.enclosingThread(threads);
        if (around.isPresent()) {
            return callNested(around.get(), computation);
        }
        try (AdmissionQueue.Permit permit = admission.enter()) {
            return OffThreadTask.call("hangup-cpu", threads, () -> compute(computation, permit), Thread::interrupt);
        }
    }

    /** {@return the number of running computations, at most {@code parallelism}; may be out of date} */
    public int running() {
        return admission.running();
    }

    /** {@return the number of waiting calls, at most {@code queue}; may be out of date} */
    public int waiting() {
        return admission.waiting();
    }

    @Override
    public CpuBoundConfig prototype() {
        return config;
    }

    /** Runs on the computation's thread, so that the permit is free before the caller has resumed. */
    private static <T> T compute(Callable<? extends T> computation, AdmissionQueue.Permit permit) throws Exception {
        try (permit) {
            try {
                OffThreadTask.ensureNotCancelled();
                return computation.call();
            } catch (InterruptedException e) {
                permit.markAbandoned();
                throw e;
            } finally {
                if (Thread.currentThread().isInterrupted()) {
                    permit.markAbandoned();
                }
            }
        }
    }

    private static <T> T callNested(Thread computing, Callable<? extends T> computation) throws Exception {
        if (computing != Thread.currentThread()) {
            throw new IllegalStateException("This thread works for a computation that holds a permit and waits for this thread: "
                                                    + "call from the computation's own thread, or fork before it begins");
        }
        OffThreadTask.ensureNotCancelled();
        return computation.call();
    }
}

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
 * A virtual thread that computes keeps its carrier until it is done. That it stops nobody else is what the guard against frozen
 * carriers is for ({@link dev.hangup.HangupConfig#carrierGuard()}, JDK 24 and newer); but the guard bounds nothing, so that any
 * number of computations share the cores, and all of them get slow together. Here each runs at full speed, and what would come too
 * late is refused or never begun. It is worth it where requests that compute are a good part of the load, and on JDK 21 to 23.
 * <pre>{@code
 * CpuBound cpu = CpuBound.create(config.get("cpu"));
 *
 * routing.get("/primes", Hangup.cancellable(request -> cpu.call(() -> primes(limit(request)))));
 * }</pre>
 * The computation runs on a new thread, {@code hangup-cpu-N} in a thread dump, which costs some tenths of a millisecond: what
 * takes less need not come here. It has the scoped values, the Helidon context and the logging context of its request. When
 * the request is stopped, that thread is interrupted; a computation notices by looking, in the ordinary way:
 * <pre>{@code
 * for (long n = 3; n < limit; n += 2) {
 *     if (Thread.interrupted()) {
 *         throw new InterruptedException();
 *     }
 *     ...
 * }
 * }</pre>
 * To look costs less than a nanosecond, and next to nothing where each step of the loop waits for the one before; so a loop
 * may do so in every round, and one whose rounds are a few instructions in every thousandth. A computation that never looks
 * keeps its place until it is done, though its client has been answered.
 * <p>
 * Who asks for more than {@code parallelism} computations at a time waits in a queue of {@code queue} places; over it the
 * answer is 503 with {@code Retry-After}, at once. First come, first served, unless many do not stay until they were served:
 * then the newest goes first ({@link AdmissionQueue} says why). A computation whose client has left, or whose deadline has
 * passed, while it waited is never begun. The bound is that of the instance: to share it, share that.
 */
@RuntimeType.PrototypedBy(CpuBoundConfig.class)
public final class CpuBound implements RuntimeType.Api<CpuBoundConfig> {
    private final CpuBoundConfig config;
    private final AdmissionQueue admission;
    /** Each instance has its own, by which it knows its threads. */
    private final ThreadFactory threads;

    CpuBound(CpuBoundConfig config, ThreadFactory threads) {
        this.config = config;
        this.threads = threads;
        this.admission = new AdmissionQueue("computation", config.parallelism(), config.queue(), config.retryAfter());
    }

    /**
     * A builder to set it up in code.
     *
     * @return a builder with the defaults
     */
    public static CpuBoundConfig.Builder builder() {
        return CpuBoundConfig.builder();
    }

    /**
     * With the defaults: one computation for each core.
     *
     * @return a bound of its own
     */
    public static CpuBound create() {
        return builder().build();
    }

    /**
     * As configured.
     *
     * @param config located at the node that has {@code parallelism} and the others
     * @return a bound of its own
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
     * Computes something, and returns when that has ended. May be called by any thread, inside of a request under Hangup or
     * outside. A computation that calls another of the same instance runs it on its own thread, in its own place.
     *
     * @param computation runs on a platform thread that is interrupted when the calling thread is
     * @param <T>         type of what is computed
     * @return what was computed
     * @throws io.helidon.http.HttpException with 503, if too many wait already
     * @throws IllegalStateException by a thread that a computation of the same instance waits for: one that it has forked in a
     *                              task scope, or that of another instance's computation which it has called. That computation
     *                              would keep the place that this one might have to wait for
     * @throws InterruptedException if the calling thread was interrupted, or its request was stopped: before the computation
     *                              was begun, or while it went on, and then when it has ended
     * @throws Exception            what the computation threw
     */
    public <T> T call(Callable<? extends T> computation) throws Exception {
        Objects.requireNonNull(computation);
        Optional<Thread> around = OffThreadTask.enclosingThread(threads);
        if (around.isPresent()) {
            return inPlaceOf(around.get(), computation);
        }
        try (AdmissionQueue.Permit permit = admission.enter()) {
            return OffThreadTask.call("hangup-cpu", threads, () -> compute(computation, permit), Thread::interrupt);
        }
    }

    /**
     * How many computations go on.
     *
     * @return at most {@code parallelism}; may be out of date
     */
    public int running() {
        return admission.running();
    }

    /**
     * How many wait for their turn.
     *
     * @return at most {@code queue}; may be out of date
     */
    public int waiting() {
        return admission.waiting();
    }

    @Override
    public CpuBoundConfig prototype() {
        return config;
    }

    /** On the computation's thread. The next one need not wait until the caller has seen that this one has ended. */
    private static <T> T compute(Callable<? extends T> computation, AdmissionQueue.Permit permit) throws Exception {
        try (permit) {
            try {
                OffThreadTask.ensureNotCancelled();
                return computation.call();
            } catch (InterruptedException e) {
                permit.abandoned();
                throw e;
            } finally {
                if (Thread.currentThread().isInterrupted()) {
                    permit.abandoned();
                }
            }
        }
    }

    private static <T> T inPlaceOf(Thread computing, Callable<? extends T> computation) throws Exception {
        if (computing != Thread.currentThread()) {
            throw new IllegalStateException("A computation waits for this thread, and would keep the place that this one waits "
                                                    + "for: let the computation call it itself, or fork before it is begun");
        }
        OffThreadTask.ensureNotCancelled();
        return computation.call();
    }
}

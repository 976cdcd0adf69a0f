package dev.hangup.work;

import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.hangup.race.Part;

import io.helidon.builder.api.RuntimeType;
import io.helidon.config.Config;

/**
 * Runs computations on platform threads, as many at a time as there are cores, so that they starve nobody.
 * <p>
 * A virtual thread that computes keeps its carrier until it is done. As many of them as there are cores stop every other
 * virtual thread of the server: those that accept, those that answer, and those that would notice that a client has left.
 * <pre>{@code
 * CpuBound cpu = CpuBound.create(config.get("cpu"));
 *
 * routing.get("/primes", Hangup.computing(request -> cpu.call(() -> primes(limit(request)))));
 * }</pre>
 * The computation has the scoped values, the Helidon context and the logging context of its request. When the request is
 * stopped its thread is interrupted; a computation notices that by looking, in the ordinary way:
 * <pre>{@code
 * for (long n = 3; n < limit; n += 2) {
 *     if (Thread.interrupted()) {
 *         throw new InterruptedException();
 *     }
 *     ...
 * }
 * }</pre>
 * To look costs about two nanoseconds, so a loop whose round takes a microsecond may do so in every round; a tighter one
 * looks once in so many. One that never looks keeps its place until it is done, though its client has been answered.
 * <p>
 * Who asks for more than {@code parallelism} computations at a time waits, first come, first served, in a queue of {@code
 * queue} places; over it the answer is 503 with {@code Retry-After}, at once. A computation whose client has left, or whose
 * deadline has passed, while it waited is never begun. The bound is that of the instance: to share it, share that.
 */
@RuntimeType.PrototypedBy(CpuBoundConfig.class)
public final class CpuBound implements RuntimeType.Api<CpuBoundConfig> {
    private final CpuBoundConfig config;
    private final Admission admission;
    private final AtomicInteger threads = new AtomicInteger();
    private final ThreadFactory factory = task -> new ComputingThread(this, task);

    private CpuBound(CpuBoundConfig config) {
        this.config = config;
        this.admission = new Admission("computation", config.parallelism(), config.queue(), config.retryAfter());
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
        return new CpuBound(config);
    }

    static CpuBound create(Consumer<CpuBoundConfig.Builder> consumer) {
        return builder().update(consumer).build();
    }

    /**
     * Computes something, and returns when that has ended. May be called by any thread, inside of a request under Hangup or
     * outside. Inside of another computation of the same instance it runs on that one's thread, in its place.
     *
     * @param computation runs on a platform thread that is interrupted when the calling thread is
     * @param <T>         type of what is computed
     * @return what was computed
     * @throws io.helidon.http.HttpException with 503, if too many wait already
     * @throws InterruptedException if the calling thread was interrupted, or its request was stopped: before the computation
     *                              was begun, or while it went on, and then when it has ended
     * @throws Exception            what the computation threw
     */
    public <T> T call(Callable<? extends T> computation) throws Exception {
        if (Thread.currentThread() instanceof ComputingThread thread && thread.of == this) {
            return computation.call();
        }
        try (Admission.Permit permit = admission.enter()) {
            return Part.call("hangup-cpu", factory, () -> {
                Part.ensureWanted();
                return computation.call();
            }, Thread::interrupt);
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

    /** A thread that computes, and knows where it belongs. */
    private static final class ComputingThread extends Thread {
        private final CpuBound of;

        private ComputingThread(CpuBound of, Runnable task) {
            super(null, task, "hangup-cpu-" + of.threads.incrementAndGet(), 0, false);
            this.of = of;
            setDaemon(true);
        }
    }
}

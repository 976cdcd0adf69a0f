package dev.hangup.isolated;

import java.lang.reflect.Modifier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.admission.AdmissionQueue;
import dev.hangup.internal.race.OffThreadTask;

import io.helidon.builder.api.RuntimeType;
import io.helidon.config.Config;
import io.helidon.http.HttpException;

/**
 * Runs work that cannot be interrupted in worker JVMs, and kills the worker to cancel it.
 * <pre>{@code
 * Isolated isolated = Isolated.create(config.get("isolated"));
 *
 * routing.get("/render", Hangup.cancellable(request -> isolated.call(Render.class, input(request))));
 * }</pre>
 * Use it for native code, for third-party loops, and for code that may crash the JVM. A task ({@link IsolatedTask}) is a class
 * on the class path, or in a package that its module opens to {@code dev.hangup}. It takes bytes and returns bytes. The workers
 * are kept, so that a call costs a fraction of a millisecond rather than the start of a JVM. They are started by the first call
 * or by {@link #warmUp()}.
 *
 * <h2>Who stops it, when, and what may still run</h2>
 * If the calling thread is interrupted, because the client has left or the deadline has passed, the worker's process is killed.
 * {@code call} throws once the process is gone, so nothing of the task runs any more. The task's {@code finally} blocks do not
 * run, its output may be half written, and processes that it has started live on. Another worker replaces the killed one; other
 * calls are not affected. A worker to which the call has not been sent yet, or which has responded, is not killed; the next call
 * uses it.
 *
 * <h2>What it is not</h2>
 * A worker is not a sandbox. It runs as the same user as the server, with the same environment, files and network. It protects
 * the server from mistakes and crashes, not from malicious code. The worker's heap is bounded; its native memory and CPU time
 * are not.
 *
 * <h2>What passes between server and worker</h2>
 * Server and worker exchange bytes over a Unix domain socket that only the server's user can reach. The server accepts only
 * workers that it has started. No objects are deserialised. An exception is sent as its type, message, stack trace, causes and
 * suppressed exceptions (at most 32 in all, eight levels deep, with 8192 characters and 256 frames each). The server creates an
 * equal exception if its class is public, is on the class path or in an exported package, and has a public constructor with a
 * message (and a cause). Otherwise the call throws an {@link IsolatedException}. A worker that sends a malformed or oversized
 * response is killed. The output of a worker goes to the server's log, within a bound.
 *
 * <h2>Its end</h2>
 * Workers end with the server, even if the server is killed. On Linux, the kernel kills them, even in the middle of native
 * code. On other systems, they end as soon as their JVM can halt.
 * <p>
 * This class works on Linux and macOS. Any number of threads may use an instance, inside a request or outside.
 */
@RuntimeType.PrototypedBy(IsolatedConfig.class)
public final class Isolated implements RuntimeType.Api<IsolatedConfig>, AutoCloseable {
    private static final ThreadFactory THREADS = Thread.ofVirtual().name("hangup-isolated").factory();

    private final IsolatedConfig config;
    private final AdmissionQueue admission;
    private final WorkerPool workers;
    private final ThreadFactory threads;

    Isolated(IsolatedConfig config, ThreadFactory threads) {
        this.config = config;
        this.threads = threads;
        this.admission = new AdmissionQueue("isolated work", config.size(), config.queue(), config.retryAfter());
        this.workers = new WorkerPool(config);
    }

    /** {@return a builder to set up an instance in code, with the defaults} */
    public static IsolatedConfig.Builder builder() {
        return IsolatedConfig.builder();
    }

    /**
     * Creates an instance with the defaults.
     *
     * @return an instance without started workers
     */
    public static Isolated create() {
        return builder().build();
    }

    /**
     * Creates an instance from configuration.
     *
     * @param config the node of the instance
     * @return an instance without started workers
     */
    public static Isolated create(Config config) {
        return builder().config(config).build();
    }

    static Isolated create(IsolatedConfig config) {
        return new Isolated(config, THREADS);
    }

    static Isolated create(Consumer<IsolatedConfig.Builder> consumer) {
        return builder().update(consumer).build();
    }

    @Override
    public IsolatedConfig prototype() {
        return config;
    }

    /**
     * Runs a task in a worker, and returns when it has ended. If all workers are busy, the call waits. A call whose request is
     * cancelled while it waits is not begun.
     *
     * @param task  a class that the workers can instantiate, as above, with a constructor without parameters
     * @param input the input, at most {@code max-bytes}
     * @return the result of the task, at most {@code max-bytes}
     * @throws InterruptedException     if the calling thread was interrupted, or its work was cancelled. If the task was
     *                                  running, its worker was killed. The interrupt status is cleared
     * @throws HttpException            with 503 and {@code Retry-After}, if the queue is full, no worker can be started (the
     *                                  cause says why), or this instance is closed
     * @throws IllegalArgumentException if the input is too large, or the class cannot be a task
     * @throws IllegalStateException    if the result is too large
     * @throws WorkerEndedException     if the worker's process ended, by itself or with {@link #close()}
     * @throws IsolatedException        if the task threw an exception that cannot be created here
     * @throws Exception                if the task threw an exception
     */
    public byte[] call(Class<? extends IsolatedTask> task, byte[] input) throws Exception {
        if (task.isInterface() || Modifier.isAbstract(task.getModifiers()) || task.isHidden()) {
            throw new IllegalArgumentException(task.getName() + " cannot be instantiated in another JVM");
        }
        if (input.length > config.maxBytes()) {
            throw new IllegalArgumentException("The input has " + input.length + " bytes, more than max-bytes ("
                                                       + config.maxBytes() + ")");
        }
        return admission.run(() -> {
            Worker worker = workers.take();
            // settles the races of the cancellation with the sending of the call and with its end
            AtomicReference<Progress> progress = new AtomicReference<>(Progress.NEW);
            try {
                return OffThreadTask.call("hangup-isolated", threads, () -> {
                    OffThreadTask.ensureNotCancelled();
                    if (!progress.compareAndSet(Progress.NEW, Progress.SENT)) {
                        throw new InterruptedException("The call was cancelled before it was sent to a worker");
                    }
                    try {
                        return worker.call(task.getName(), input);
                    } catch (WorkerEndedException e) {
                        if (progress.get() == Progress.CANCELLED && e.isKilled()) {
                            throw new InterruptedException("The worker was killed");
                        }
                        throw e;
                    } finally {
                        progress.compareAndSet(Progress.SENT, Progress.ENDED);
                    }
                }, thread -> {
                    if (!progress.compareAndSet(Progress.NEW, Progress.CANCELLED)
                            && progress.compareAndSet(Progress.SENT, Progress.CANCELLED)) {
                        worker.kill();
                    }
                });
            } finally {
                workers.giveBack(worker);
            }
        });
    }

    /** {@return the number of workers that are idle or run a call, at most {@code size}; may be out of date} */
    public int ready() {
        Workers now = workers.now();
        return now.idle() + now.busy();
    }

    /** {@return a snapshot of the number of workers in each state} */
    public Workers workers() {
        return workers.now();
    }

    /**
     * {@return the number of calls that a worker runs, or that wait for a worker to start, at most {@code size}; may be out of
     * date}
     */
    public int running() {
        return admission.running();
    }

    /** {@return the number of calls that wait in the queue, at most {@code queue}; may be out of date} */
    public int waiting() {
        return admission.waiting();
    }

    /** Starts the workers in the background, so that the first call need not wait for them. Returns at once. */
    public void warmUp() {
        workers.grow();
    }

    /**
     * Kills all workers, and returns when they have ended. Running calls throw {@link WorkerEndedException}; waiting and later
     * calls are refused.
     */
    @Override
    public void close() {
        workers.close();
    }

    /** The progress of a call. */
    private enum Progress {
        /** The worker knows nothing of it. */
        NEW,
        /** It is being sent, or the worker runs it. */
        SENT,
        /** The worker has responded or ended. */
        ENDED,
        /** It was cancelled before it ended: it is not sent any more, or its worker is killed. */
        CANCELLED
    }
}

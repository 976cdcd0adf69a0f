package dev.hangup.isolated;

import java.lang.reflect.Modifier;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

import dev.hangup.admission.AdmissionQueue;
import dev.hangup.internal.race.OffThreadTask;

import io.helidon.builder.api.RuntimeType;
import io.helidon.config.Config;
import io.helidon.http.HttpException;

/**
 * Work that nothing stops, made stoppable: it runs in other JVMs, and to stop it its JVM is killed.
 * <pre>{@code
 * Isolated isolated = Isolated.create(config.get("isolated"));
 *
 * routing.get("/render", Hangup.cancellable(request -> isolated.call(Render.class, input(request))));
 * }</pre>
 * For native code, for other people's loops, for what may take the whole JVM down. A task is a class on the class path, or in
 * a package that its module opens to {@code dev.hangup} ({@link IsolatedTask}); bytes go in, and bytes come out. The workers
 * are kept, so that a call costs a fraction of a millisecond and not the start of a JVM; they are started with the first call,
 * or with {@link #warmUp()}.
 *
 * <h2>Who stops it, when, and what may still run</h2>
 * When the calling thread is interrupted, as work of a request is whose client has left or whose time is over, the worker's
 * process is killed, and {@code call} returns when it is gone: nothing of the task runs then. Its {@code finally} blocks have
 * not run either, what it has written may be half written, and processes that it has started live on. Another worker takes
 * the place of the killed one; other calls are not concerned.
 *
 * <h2>What it is not</h2>
 * No sandbox. A worker runs as the same user, with the same environment, files and network as the server, and can do whatever
 * the server could. It keeps mistakes and crashes away from the server, not malice. Its heap is bounded, native memory and CPU
 * time are not.
 *
 * <h2>What passes between server and worker</h2>
 * Bytes, over a Unix domain socket that only the server's user can reach, and only workers that this server has started are
 * talked to. Nothing is deserialised: exceptions are told of by type, message, stack trace, causes and suppressed ones (at
 * most 32 in all, eight deep, with 8192 characters and 256 frames each), and made anew if they are of public classes of the
 * server's class path, or of packages that their module exports, that can be made of a message (and a cause); otherwise the
 * call throws an {@link IsolatedException}. A worker that answers what it should not, or too much, is killed. What a worker
 * prints goes to the server's log, so much of it as is bearable.
 *
 * <h2>Its end</h2>
 * Workers end with the server, however that ends: on Linux even in the middle of native code, since the kernel kills them;
 * elsewhere as soon as their JVM can halt.
 * <p>
 * Linux and macOS. May be used by any number of threads, in a request or not.
 */
@RuntimeType.PrototypedBy(IsolatedConfig.class)
public final class Isolated implements RuntimeType.Api<IsolatedConfig>, AutoCloseable {
    private static final ThreadFactory THREADS = Thread.ofVirtual().name("hangup-isolated").factory();

    private final IsolatedConfig config;
    private final AdmissionQueue admission;
    private final WorkerPool workers;

    private Isolated(IsolatedConfig config) {
        this.config = config;
        this.admission = new AdmissionQueue("isolated work", config.size(), config.queue(), config.retryAfter());
        this.workers = new WorkerPool(config);
    }

    /**
     * A builder to set it up in code.
     *
     * @return a builder with the defaults
     */
    public static IsolatedConfig.Builder builder() {
        return IsolatedConfig.builder();
    }

    /**
     * With the defaults.
     *
     * @return workers, none of which was started
     */
    public static Isolated create() {
        return builder().build();
    }

    /**
     * As configured.
     *
     * @param config its node
     * @return workers, none of which was started
     */
    public static Isolated create(Config config) {
        return builder().config(config).build();
    }

    static Isolated create(IsolatedConfig config) {
        return new Isolated(config);
    }

    static Isolated create(Consumer<IsolatedConfig.Builder> consumer) {
        return builder().update(consumer).build();
    }

    @Override
    public IsolatedConfig prototype() {
        return config;
    }

    /**
     * Runs a task in a worker, and returns when it has ended. Waits for its turn if all workers are busy; a call that nobody
     * wants any more when its turn has come is not begun.
     *
     * @param task  a class that the workers can make, as above, with a constructor without parameters
     * @param input at most {@code max-bytes}
     * @return what the task returned, at most {@code max-bytes}
     * @throws InterruptedException     if the calling thread was interrupted; the task, if it was begun, was killed. The
     *                                  interrupt status is cleared
     * @throws HttpException            503 with {@code Retry-After}, if too many calls wait, if no worker can be started, or if
     *                                  this was closed
     * @throws IllegalArgumentException if the input is too large, or the class cannot be a task
     * @throws IllegalStateException    if the result is too large
     * @throws WorkerEndedException     if the worker's process ended, by itself or with {@link #close()}
     * @throws IsolatedException        if the task threw what cannot be made anew here
     * @throws Exception                what the task threw
     */
    public byte[] call(Class<? extends IsolatedTask> task, byte[] input) throws Exception {
        if (task.isInterface() || Modifier.isAbstract(task.getModifiers()) || task.isHidden()) {
            throw new IllegalArgumentException(task.getName() + " cannot be made in another JVM");
        }
        if (input.length > config.maxBytes()) {
            throw new IllegalArgumentException("The input has " + input.length + " bytes, more than max-bytes ("
                                                       + config.maxBytes() + ")");
        }
        return admission.run(() -> {
            Worker worker = workers.take();
            try {
                return OffThreadTask.call("hangup-isolated", THREADS, () -> {
                    OffThreadTask.ensureNotCancelled();
                    return worker.call(task.getName(), input);
                }, thread -> worker.kill());
            } finally {
                workers.giveBack(worker);
            }
        });
    }

    /**
     * How many workers are there, at a call or not.
     *
     * @return at most {@code size}; may be out of date
     */
    public int ready() {
        return workers.ready();
    }

    /**
     * The workers, by what they do.
     *
     * @return as it is now; may be out of date
     */
    public Workers workers() {
        return workers.now();
    }

    /**
     * How many calls are at a worker, or wait for one to start.
     *
     * @return at most {@code size}; may be out of date
     */
    public int running() {
        return admission.running();
    }

    /**
     * How many calls wait for their turn.
     *
     * @return at most {@code queue}; may be out of date
     */
    public int waiting() {
        return admission.waiting();
    }

    /** Starts the workers in the background, so that the first call need not wait for that. Returns at once. */
    public void warmUp() {
        workers.grow();
    }

    /**
     * Kills all workers, and returns when they have ended. Calls that run throw {@link WorkerEndedException}; those that wait
     * or come later are refused.
     */
    @Override
    public void close() {
        workers.close();
    }
}

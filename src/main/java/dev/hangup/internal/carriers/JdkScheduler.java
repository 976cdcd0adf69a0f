package dev.hangup.internal.carriers;

import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;

/**
 * The scheduler's MXBean of JDK 24 and later ({@code jdk.management.VirtualThreadSchedulerMXBean}). It is called by reflection,
 * because Hangup also compiles for JDK 21, and not by its object name, since some 290 classes are loaded for the platform's MBean
 * server.
 */
final class JdkScheduler implements Scheduler {
    private final PlatformManagedObject bean;
    private final Method parallelism;
    private final Method setParallelism;
    private final Method mounted;
    private final Method queued;

    private JdkScheduler(Class<? extends PlatformManagedObject> type) throws NoSuchMethodException {
        bean = ManagementFactory.getPlatformMXBean(type);
        parallelism = type.getMethod("getParallelism");
        setParallelism = type.getMethod("setParallelism", int.class);
        mounted = type.getMethod("getMountedVirtualThreadCount");
        queued = type.getMethod("getQueuedVirtualThreadCount");
    }

    /** The scheduler; empty on older JDKs, without the module {@code jdk.management}, or if it cannot be adjusted. */
    static Optional<Scheduler> find() {
        try {
            JdkScheduler scheduler = new JdkScheduler(Class.forName("jdk.management.VirtualThreadSchedulerMXBean")
                                                              .asSubclass(PlatformManagedObject.class));
            // if virtual threads are bound to platform threads, queued() is negative
            return scheduler.queued() >= 0 ? Optional.of(scheduler) : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public int parallelism() {
        return (int) call(parallelism);
    }

    @Override
    public void parallelism(int carriers) {
        call(setParallelism, carriers);
    }

    @Override
    public int mounted() {
        return (int) call(mounted);
    }

    @Override
    public boolean isMounted(Thread thread) {
        return RunningRequests.isMounted(thread);
    }

    @Override
    public long queued() {
        return (long) call(queued);
    }

    @Override
    public void start(Runnable task) {
        Thread.ofVirtual().inheritInheritableThreadLocals(false).start(task);
    }

    /**
     * ForkJoinPool (JDK 25) adds a worker only when a task is pushed to a queue that appears empty, and the pushing thread
     * determines the queue. The queue of a thread that has pushed before may contain tasks that no worker runs. A new thread
     * prefers a new queue.
     */
    @Override
    public void startOnNewCarrier(Runnable task) {
        try {
            Thread.ofPlatform()
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .name("hangup-carrier-canary")
                    .start(() -> startUnlessExhausted(task));
        } catch (OutOfMemoryError e) {
            // no more threads can be started, so no more carriers either
            start(task);
        }
    }

    private void startUnlessExhausted(Runnable task) {
        try {
            start(task);
        } catch (OutOfMemoryError e) {
            // no carrier can be started: the control asks again
        }
    }

    private Object call(Method method, Object... arguments) {
        try {
            return method.invoke(bean, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof OutOfMemoryError exhausted) {
                throw exhausted;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

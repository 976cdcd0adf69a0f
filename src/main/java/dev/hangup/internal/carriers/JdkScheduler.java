package dev.hangup.internal.carriers;

import java.lang.management.ManagementFactory;
import java.util.Optional;

import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The scheduler's MXBean of JDK 24 and later ({@code jdk.management.VirtualThreadSchedulerMXBean}). It is accessed by its object
 * name, because Hangup also compiles for JDK 21.
 */
final class JdkScheduler implements Scheduler {
    private static final String NAME = "jdk.management:type=VirtualThreadScheduler";

    private final MBeanServer server;
    private final ObjectName name;

    private JdkScheduler(MBeanServer server, ObjectName name) {
        this.server = server;
        this.name = name;
    }

    /** The scheduler; empty on older JDKs, without the module {@code jdk.management}, or if it cannot be adjusted. */
    static Optional<Scheduler> find() {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            JdkScheduler scheduler = new JdkScheduler(server, new ObjectName(NAME));
            // if virtual threads are bound to platform threads, queued() is negative
            return server.isRegistered(scheduler.name) && scheduler.queued() >= 0 ? Optional.of(scheduler) : Optional.empty();
        } catch (JMException | RuntimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public int parallelism() {
        return get("Parallelism").intValue();
    }

    @Override
    public void parallelism(int carriers) {
        try {
            server.setAttribute(name, new Attribute("Parallelism", carriers));
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int mounted() {
        return get("MountedVirtualThreadCount").intValue();
    }

    @Override
    public boolean isMounted(Thread thread) {
        return RunningRequests.isMounted(thread);
    }

    @Override
    public long queued() {
        return get("QueuedVirtualThreadCount").longValue();
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
                    .start(() -> start(task));
        } catch (OutOfMemoryError e) {
            // no more threads can be started, so no more carriers either
            start(task);
        }
    }

    private Number get(String attribute) {
        try {
            return (Number) server.getAttribute(name, attribute);
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }
}

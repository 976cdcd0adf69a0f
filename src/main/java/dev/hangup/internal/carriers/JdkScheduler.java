package dev.hangup.internal.carriers;

import java.lang.management.ManagementFactory;
import java.util.Optional;

import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The scheduler's MXBean, which JDK 24 and newer have ({@code jdk.management.VirtualThreadSchedulerMXBean}). It is reached by its
 * object name, since Hangup compiles for JDK 21 too.
 */
final class JdkScheduler implements Scheduler {
    private static final String NAME = "jdk.management:type=VirtualThreadScheduler";

    private final MBeanServer server;
    private final ObjectName name;

    private JdkScheduler(MBeanServer server, ObjectName name) {
        this.server = server;
        this.name = name;
    }

    /** The scheduler; empty on older JDKs, without the module {@code jdk.management}, and where it cannot be adjusted. */
    static Optional<Scheduler> find() {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            JdkScheduler scheduler = new JdkScheduler(server, new ObjectName(NAME));
            // where virtual threads are bound to platform threads, there is nothing to count
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
    public long queued() {
        return get("QueuedVirtualThreadCount").longValue();
    }

    @Override
    public void start(Runnable task) {
        Thread.ofVirtual().inheritInheritableThreadLocals(false).start(task);
    }

    /**
     * ForkJoinPool (JDK 25) adds a worker only when a task is pushed to a queue that appears empty, and chooses the queue by the
     * pushing thread: the queue of a thread that has pushed before may hold what nobody runs. A new thread prefers a new queue.
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
            // no more threads are to be had, carriers neither
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

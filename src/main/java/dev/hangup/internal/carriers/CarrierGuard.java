package dev.hangup.internal.carriers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.outcome.CarrierReport;

/**
 * The guard of this JVM: a platform thread that observes the scheduler of virtual threads while requests are in flight. {@link
 * CarrierControl} decides the number of carriers. The guard exists on JDK 24 and later, while at least one running server uses
 * it.
 * <p>
 * Nothing but the end of the last server ends the guard. In particular, a native thread that cannot be started does not, since
 * carriers may be frozen at just that time. A look that fails is logged, once, and followed by the next one.
 * <p>
 * Work outside of requests is noticed while a request is in flight, and then for as long as it holds all carriers. Work that
 * holds carriers while no request is in flight is not noticed, since nothing wakes the guard.
 */
public final class CarrierGuard {
    private static final System.Logger LOGGER = System.getLogger(CarrierGuard.class.getName());
    private static final String MAX_POOL_SIZE = "jdk.virtualThreadScheduler.maxPoolSize";
    /**
     * The number of looks without a request in flight before the guard rests: waking it for each of several consecutive requests
     * costs more.
     */
    private static final int IDLE_LOOKS = 3;

    /** The numbers of requests that have begun, and of those that are over. */
    private static final LongAdder BEGUN = new LongAdder();
    private static final LongAdder OVER = new LongAdder();
    /** The number of connections that have begun. */
    private static final LongAdder CONNECTIONS = new LongAdder();
    private static final Lock LOCK = new ReentrantLock();
    /** Guarded by the lock. */
    private static final List<GuardedServer> SERVERS = new ArrayList<>();
    /** The guard; {@code null} if no server uses one. Written under the lock. */
    private static volatile CarrierGuard current;
    /** The time counted by former guards. Written by the thread of a guard that ends, before the next one begins. */
    private static volatile long frozenNanosBefore;
    /** The thread of the previous guard; a thread that was never started if there was none. Guarded by the lock. */
    private static Thread before = new Thread();

    private final Thread thread = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-carrier-guard")
            .unstarted(this::run);
    /** Set while the guard parks until a request begins. */
    private final AtomicBoolean resting = new AtomicBoolean();
    /** Set when the last server has left. */
    private volatile boolean ending;
    /** Whether a failure has been logged. Used by the guard's thread. */
    private boolean failed;
    /** {@code null} until an adjustable scheduler is found, or if there is none. Written by the guard's thread. */
    private volatile CarrierControl control;
    /** {@code null} once it has ended, so that guards do not keep all former ones reachable. Used by the guard's thread. */
    private Thread predecessor;
    private final Supplier<Optional<Scheduler>> schedulers;

    /**
     * @param predecessor the thread of the previous guard, which is waited for
     * @param schedulers  finds the scheduler, on the guard's thread
     */
    CarrierGuard(Thread predecessor, Supplier<Optional<Scheduler>> schedulers) {
        this.predecessor = predecessor;
        this.schedulers = schedulers;
    }

    /**
     * Registers a server to be guarded. Returns an action to be run when the server has stopped.
     *
     * @param max     maximum number of carriers; with several servers the largest value applies
     * @param reports receives reports of the guard's actions, on the guard's thread; must not block. If several servers pass the
     *                same object, it receives each report once
     */
    public static Runnable join(int max, Consumer<CarrierReport> reports) {
        GuardedServer server = new GuardedServer(max, reports);
        LOCK.lock();
        try {
            if (current == null) {
                CarrierGuard guard = new CarrierGuard(before, JdkScheduler::find);
                // may fail; in that case the server has not joined
                before = guard.start();
                current = guard;
            }
            SERVERS.add(server);
        } finally {
            LOCK.unlock();
        }
        return () -> leave(server);
    }

    private static void leave(GuardedServer server) {
        LOCK.lock();
        try {
            if (SERVERS.remove(server) && SERVERS.isEmpty()) {
                CarrierGuard last = current;
                current = null;
                last.end();
            }
        } finally {
            LOCK.unlock();
        }
    }

    /**
     * The maximum number of carriers of the scheduler, including those that compensate for blocked ones; computed as in the JDK.
     */
    public static int maxPoolSize() {
        return Integer.getInteger(MAX_POOL_SIZE, Math.max(parallelism(), 256));
    }

    /** The default for the maximum number of carriers: halfway between the usual number and the scheduler's maximum. */
    public static int defaultMax() {
        return (parallelism() + maxPoolSize()) / 2;
    }

    private static int parallelism() {
        int parallelism = Integer.getInteger("jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
        return Math.min(parallelism, Integer.getInteger(MAX_POOL_SIZE, Integer.MAX_VALUE));
    }

    /**
     * Records that a connection has begun. Called on any thread. Negotiating TLS keeps carriers busy but does not freeze them.
     */
    public static void connectionBegins() {
        CONNECTIONS.increment();
    }

    /** Called when a request begins, on any thread. */
    public static void requestBegins() {
        BEGUN.increment();
        CarrierGuard guard = current;
        // settles the race between the guard's rest and the beginning of the request
        if (guard != null && guard.resting.get() && guard.resting.compareAndSet(true, false)) {
            LockSupport.unpark(guard.thread);
        }
    }

    /** Called when a request that has begun is over. */
    public static void requestOver() {
        OVER.increment();
    }

    /** The number of requests in flight. */
    public static long requestsInFlight() {
        // in this order: a request that is over has begun
        long over = OVER.sum();
        return BEGUN.sum() - over;
    }

    /** The current number of carriers; empty if there is no guard. */
    public static OptionalInt carriers() {
        CarrierControl control = control();
        return control == null ? OptionalInt.empty() : OptionalInt.of(control.carriers());
    }

    /** The usual number of carriers; empty if there is no guard. */
    public static OptionalInt usual() {
        CarrierControl control = control();
        return control == null ? OptionalInt.empty() : OptionalInt.of(control.usual());
    }

    /** The total time during which no virtual thread could start to run, as far as a guard has noticed it. */
    public static long frozenMillis() {
        CarrierControl control = control();
        return TimeUnit.NANOSECONDS.toMillis(frozenNanosBefore + (control == null ? 0 : control.frozenNanos()));
    }

    private static CarrierControl control() {
        CarrierGuard guard = current;
        return guard == null ? null : guard.control;
    }

    /** Returns the guard's thread, which has been started. */
    Thread start() {
        thread.start();
        return thread;
    }

    /** Ends the guard, which then restores the scheduler. Does not wait for that. */
    void end() {
        ending = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            // the predecessor restores the scheduler before it ends
            predecessor.join();
            predecessor = null;
            // done here because it takes some time, which would delay the start of the server
            Scheduler scheduler = schedulers.get().orElse(null);
            if (scheduler != null) {
                guard(new CarrierControl(scheduler, System::nanoTime, CarrierGuard::progress, RunningRequests::mountedThreads,
                                         CarrierGuard::max, CarrierGuard::report));
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.ERROR, "The guard against frozen carriers has ended", e);
        }
    }

    private void guard(CarrierControl created) {
        control = created;
        try {
            while (!ending) {
                try {
                    watch();
                    rest();
                } catch (RuntimeException | Error e) {
                    failed(e);
                    LockSupport.parkNanos(this, CarrierControl.CALM_LOOK_NANOS);
                }
            }
        } finally {
            control = null;
            frozenNanosBefore += created.frozenNanos();
            created.end();
        }
    }

    /** Observes the scheduler while requests are in flight or carriers are held. */
    private void watch() {
        int idleLooks = 0;
        while (!ending && idleLooks < IDLE_LOOKS) {
            LockSupport.parkNanos(this, control.look());
            idleLooks = requestsInFlight() == 0 && control.idleNanos() > 0 ? idleLooks + 1 : 0;
        }
    }

    /** Waits for a request, or until the number of carriers must be examined again. */
    private void rest() {
        resting.set(true);
        try {
            if (!ending && requestsInFlight() == 0) {
                LockSupport.parkNanos(this, control.idleNanos());
            }
        } finally {
            resting.set(false);
        }
    }

    /** Logs a failure on another thread: logging may wait for a lock whose owner is a virtual thread that cannot run. */
    private void failed(Throwable thrown) {
        if (failed) {
            return;
        }
        try {
            Thread.ofPlatform()
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .name("hangup-carrier-guard-log")
                    .start(() -> LOGGER.log(System.Logger.Level.WARNING, "The guard against frozen carriers could not look at the "
                            + "scheduler. It goes on trying, and does not report this again", thrown));
            failed = true;
        } catch (OutOfMemoryError e) {
            // no thread can be started: the next failure is logged
        }
    }

    private static long progress() {
        return CONNECTIONS.sum() + BEGUN.sum() + OVER.sum();
    }

    private static int max() {
        LOCK.lock();
        try {
            return SERVERS.stream().mapToInt(GuardedServer::max).max().orElse(1);
        } finally {
            LOCK.unlock();
        }
    }

    /** Passes a report on to each receiver once, even if several servers have it. */
    static void report(CarrierReport report) {
        List<Consumer<CarrierReport>> receivers;
        LOCK.lock();
        try {
            receivers = SERVERS.stream().map(GuardedServer::reports).distinct().toList();
        } finally {
            LOCK.unlock();
        }
        receivers.forEach(it -> it.accept(report));
    }

    private record GuardedServer(int max, Consumer<CarrierReport> reports) {
    }
}

package dev.hangup.internal.carriers;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.hangup.outcome.CarrierReport;

/**
 * The guard of this JVM: a platform thread that observes the scheduler of virtual threads while requests are in flight. {@link
 * CarrierControl} decides the number of carriers. The guard exists on JDK 24 and later, while at least one running server uses
 * it.
 * <p>
 * Work outside of requests is noticed while a request is in flight, and then for as long as it holds all carriers. Work that
 * holds carriers while no request is in flight is not noticed, since nothing wakes the guard.
 */
public final class CarrierGuard {
    private static final System.Logger LOGGER = System.getLogger(CarrierGuard.class.getName());
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
    private static final List<Member> MEMBERS = new ArrayList<>();
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
    private volatile boolean over;
    /** {@code null} until an adjustable scheduler is found, or if there is none. Written by the guard's thread. */
    private volatile CarrierControl control;
    private final Thread predecessor;

    private CarrierGuard(Thread predecessor) {
        this.predecessor = predecessor;
    }

    /**
     * Registers a server to be guarded.
     *
     * @param max     maximum number of carriers; with several servers the largest value applies
     * @param reports receives reports of the guard's actions, on the guard's thread; must not block
     * @return an action to be run when the server has stopped
     */
    public static Runnable join(int max, Consumer<CarrierReport> reports) {
        Member member = new Member(max, reports);
        LOCK.lock();
        try {
            MEMBERS.add(member);
            if (current == null) {
                current = new CarrierGuard(before);
                before = current.thread;
                current.thread.start();
            }
        } finally {
            LOCK.unlock();
        }
        return () -> leave(member);
    }

    private static void leave(Member member) {
        LOCK.lock();
        try {
            if (MEMBERS.remove(member) && MEMBERS.isEmpty()) {
                CarrierGuard last = current;
                current = null;
                last.over = true;
                LockSupport.unpark(last.thread);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /**
     * The maximum number of carriers of the scheduler, including those that compensate for blocked ones; computed as in the JDK.
     */
    public static int maxPoolSize() {
        return Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", Math.max(parallelism(), 256));
    }

    /** The default for the maximum number of carriers: halfway between the usual number and the scheduler's maximum. */
    public static int defaultMax() {
        return (parallelism() + maxPoolSize()) / 2;
    }

    private static int parallelism() {
        return Integer.getInteger("jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
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

    /**
     * Returns the current number of carriers.
     *
     * @return the number; empty if there is no guard
     */
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

    private void run() {
        try {
            // the predecessor restores the scheduler before it ends
            predecessor.join();
            // done here because it takes some time, which would delay the start of the server
            Scheduler scheduler = JdkScheduler.find().orElse(null);
            if (scheduler != null) {
                guard(new CarrierControl(scheduler, System::nanoTime, CarrierGuard::progress, RunningRequests::mountedThreads,
                                         CarrierGuard::max, CarrierGuard::report));
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.ERROR, "The guard against frozen carriers has ended", e);
        }
    }

    private void guard(CarrierControl scheduler) {
        control = scheduler;
        try {
            while (!over) {
                watch();
                rest();
            }
        } finally {
            control = null;
            frozenNanosBefore += scheduler.frozenNanos();
            scheduler.end();
        }
    }

    /** Observes the scheduler while requests are in flight or carriers are held. */
    private void watch() {
        int idleLooks = 0;
        while (!over && idleLooks < IDLE_LOOKS) {
            LockSupport.parkNanos(this, control.look());
            idleLooks = requestsInFlight() == 0 && control.idleNanos() > 0 ? idleLooks + 1 : 0;
        }
    }

    /** Waits for a request, or until the number of carriers must be examined again. */
    private void rest() {
        resting.set(true);
        if (!over && requestsInFlight() == 0) {
            LockSupport.parkNanos(this, control.idleNanos());
        }
        resting.set(false);
    }

    private static long progress() {
        return CONNECTIONS.sum() + BEGUN.sum() + OVER.sum();
    }

    private static int max() {
        LOCK.lock();
        try {
            return MEMBERS.stream().mapToInt(Member::max).max().orElse(1);
        } finally {
            LOCK.unlock();
        }
    }

    private static void report(CarrierReport report) {
        List<Member> members;
        LOCK.lock();
        try {
            members = List.copyOf(MEMBERS);
        } finally {
            LOCK.unlock();
        }
        members.forEach(it -> it.reports.accept(report));
    }

    private record Member(int max, Consumer<CarrierReport> reports) {
    }
}

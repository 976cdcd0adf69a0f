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
 * The guard of this JVM: a platform thread that looks at the scheduler of virtual threads while requests are in flight, and has
 * {@link CarrierControl} decide how many carriers it has. It is there while a server is that wants it, on JDK 24 and newer.
 * <p>
 * Work that is not a request's is seen while a request is in flight, and for as long as it then holds all carriers. What holds
 * them while none is in flight is not seen: nothing wakes for that.
 */
public final class CarrierGuard {
    private static final System.Logger LOGGER = System.getLogger(CarrierGuard.class.getName());
    /** Looks without a request in flight before the guard rests: to be woken by each of some requests in a row costs more. */
    private static final int IDLE_LOOKS = 3;

    private static final LongAdder IN_FLIGHT = new LongAdder();
    private static final Lock LOCK = new ReentrantLock();
    /** Guarded by the lock. */
    private static final List<Member> MEMBERS = new ArrayList<>();
    /** The guard; {@code null} if no server wants one. Written under the lock. */
    private static volatile CarrierGuard current;
    /** What former guards have counted. Written by the thread of the guard that ends, before another begins. */
    private static volatile long frozenNanosBefore;
    /** The thread of the guard before; dead if there was none. Guarded by the lock. */
    private static Thread before = new Thread();

    private final Thread thread = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-carrier-guard")
            .unstarted(this::run);
    /** The guard parks until a request begins. */
    private final AtomicBoolean resting = new AtomicBoolean();
    private volatile boolean over;
    /** {@code null} until the scheduler was found, and where there is none that can be adjusted. Written by the guard's thread. */
    private volatile CarrierControl control;
    private final Thread predecessor;

    private CarrierGuard(Thread predecessor) {
        this.predecessor = predecessor;
    }

    /**
     * A server wants to be guarded.
     *
     * @param max     how many carriers there may be; of several servers the largest number counts
     * @param reports told what the guard does, on the guard's thread; must not block
     * @return to be run when the server has stopped
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

    /** How many carriers the scheduler may have, those that stand in for blocked ones included: as the JDK finds it out. */
    public static int maxPoolSize() {
        return Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", Math.max(parallelism(), 256));
    }

    /** How many carriers there may be if nothing is configured: halfway between the usual number and that. */
    public static int defaultMax() {
        return (parallelism() + maxPoolSize()) / 2;
    }

    private static int parallelism() {
        return Integer.getInteger("jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
    }

    /** A request begins. Called for each, on whatever thread. */
    public static void requestBegins() {
        IN_FLIGHT.increment();
        CarrierGuard guard = current;
        // settles the race between the guard's going to rest and the request's beginning
        if (guard != null && guard.resting.get() && guard.resting.compareAndSet(true, false)) {
            LockSupport.unpark(guard.thread);
        }
    }

    /** A request that has begun is over. */
    public static void requestOver() {
        IN_FLIGHT.decrement();
    }

    /** How many requests are in flight. */
    public static long requestsInFlight() {
        return IN_FLIGHT.sum();
    }

    /**
     * How many carriers there may be now.
     *
     * @return a number; empty where there is no guard
     */
    public static OptionalInt carriers() {
        CarrierControl control = control();
        return control == null ? OptionalInt.empty() : OptionalInt.of(control.carriers());
    }

    /** How many carriers there usually are; empty where there is no guard. */
    public static OptionalInt usual() {
        CarrierControl control = control();
        return control == null ? OptionalInt.empty() : OptionalInt.of(control.usual());
    }

    /** For how long no virtual thread came to run, as far as a guard has seen it. */
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
            // it leaves the scheduler as it was
            predecessor.join();
            // takes some time, which the start of a server should not
            Scheduler scheduler = JdkScheduler.find().orElse(null);
            if (scheduler != null) {
                guard(new CarrierControl(scheduler, System::nanoTime, CarrierGuard::max, CarrierGuard::report));
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

    /** Looks for as long as there may be something to see. */
    private void watch() {
        int idleLooks = 0;
        while (!over && idleLooks < IDLE_LOOKS) {
            LockSupport.parkNanos(this, control.look());
            idleLooks = requestsInFlight() == 0 && control.idleNanos() > 0 ? idleLooks + 1 : 0;
        }
    }

    /** Waits for a request, or until the number of carriers is to be looked at again. */
    private void rest() {
        resting.set(true);
        if (!over && requestsInFlight() == 0) {
            LockSupport.parkNanos(this, control.idleNanos());
        }
        resting.set(false);
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

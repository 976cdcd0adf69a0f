package dev.hangup.coalescing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.internal.outcome.OutcomeReporter;
import dev.hangup.internal.race.CancelActions;
import dev.hangup.internal.race.Current;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.internal.race.WorkContext;
import dev.hangup.internal.race.WorkTracker;
import dev.hangup.internal.time.StartGate;
import dev.hangup.internal.time.ThreadStarter;
import dev.hangup.outcome.Outcome;

import io.helidon.http.Header;
import io.helidon.http.HttpException;

/**
 * One computation and the requests that wait for it.
 *
 * <h2>Who takes part</h2>
 * Each request with the same key has a {@link Waiter}, and waits on its own thread and in its own race. The computation has a
 * thread of its own, which the first waiter starts. This thread has no scoped values of any request.
 *
 * <h2>Its deadline</h2>
 * A request joins with the deadline that the server sets for it ({@link WorkContext#serverDeadline}), whatever time its client asks
 * for. The deadline of the call is the latest of these. The computation may pass it on, for instance in a header, where it stays as
 * it was when another request joins. If the time that a client asks for counted, a client that asks for very little would make the
 * computation fail for all requests that join it. The request of such a client leaves at its own deadline nevertheless. While the
 * call runs without waiters, its deadline is the later one of the last waiter's and the end of that time, for the requests that may
 * still join.
 *
 * <h2>How it ends</h2>
 * A call ends exactly once, and its lock settles how. It <em>completes</em> when the computation has returned: every waiter
 * gets the result, and so does every request that joins before the call is removed from the map. The call is removed before any
 * waiter gets the result, so a client that has got a result can get it again only from the cache. It <em>fails</em> when the
 * computation has thrown: every waiter gets that exception, and no later request does. It is <em>abandoned</em> when the last
 * waiter has left and no request has joined in time, or when too many later calls run without waiters: the computation is then
 * interrupted. It is also abandoned, without a computation, when its thread cannot be started. A waiter that leaves earlier does
 * not affect the others. No request joins a failed or abandoned call; it begins a new call instead. Thus no request gets the
 * cancellation of another one, or an earlier failure.
 *
 * <h2>What may still run</h2>
 * An abandoned computation runs until it reacts to the interrupt. Its result is discarded. If it does not end, it counts as
 * unresponsive work of the route whose request started it. The same holds if another shared call started it: a relay to another
 * member for a key that is then computed here after all.
 *
 * <h2>What it throws</h2>
 * An exception goes to the waiters, each of which passes it to the error handlers of its request. If there is no waiter to get
 * it, because the call was abandoned or the last waiter left at that moment, it is reported once, under the request that started
 * the computation.
 *
 * @param <V> what is computed
 */
final class SharedCall<V> implements WorkContext {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.incrementAndGet();
    private final String name;
    private final ThreadFactory threads;
    /** Bounds how long, and with how many others, this call runs without waiters. */
    private final KeptCalls kept;
    private final Callable<V> computation;
    private final Consumer<V> completed;
    private final Consumer<SharedCall<V>> ended;
    /**
     * Counted down once the call's thread has written {@link #value} or {@link #thrown}, which the waiters may read from then on.
     */
    private final CountDownLatch over = new CountDownLatch(1);
    private V value;
    private Throwable thrown;

    private final Lock lock = new ReentrantLock();
    /** The waiters. Guarded by the lock, as are the fields down to {@code closed}. */
    private final Set<Waiter> waiters = new HashSet<>();
    private State state = State.RUNNING;
    /** The call's thread; {@code null} until the first waiter has joined. */
    private Thread thread;
    /** The time left to run without waiters; {@code null} while there are waiters, and after the end. */
    private KeepRunning keptRunning;
    /** Why the last waiter has left; {@code null} while there are waiters. */
    private Outcome lastLeft;
    /** Whether a waiter has got the exception of a call that has failed. */
    private boolean delivered;
    /** The exceptions of the call that no waiter receives. */
    private final List<Throwable> undelivered = new ArrayList<>(0);
    /** Whether the computation has ended; later exceptions are reported at once. */
    private boolean closed;
    /**
     * Why the call was abandoned; {@code null} if it was not. Written once, under the lock, before any cancellation becomes
     * visible.
     */
    private volatile Outcome abandonedFor;
    private final CancelActions cancellation = new CancelActions(() -> abandonedFor, CancelActions.ACTION_TIME, this::threw);
    /** Empty if the computation counts for no route, as is the reporter. */
    private final Optional<WorkTracker> tracker =
            Optional.ofNullable(Current.context()).flatMap(WorkContext::trackerForDetachedWork);
    private final Optional<OutcomeReporter> reporter = Optional.ofNullable(Current.context()).flatMap(WorkContext::reporter);

    /**
     * @param completed receives the result, which later requests may get without joining; not called if there is none
     * @param ended     receives this call once, after that; a new call may already have replaced it. Both are called without the
     *                  lock, on any thread, and must not block
     */
    SharedCall(String name, KeptCalls kept, Callable<V> computation, Consumer<V> completed, Consumer<SharedCall<V>> ended) {
        this(name, kept, computation, completed, ended, ThreadStarter.virtual(name));
    }

    SharedCall(String name, KeptCalls kept, Callable<V> computation, Consumer<V> completed, Consumer<SharedCall<V>> ended,
               ThreadFactory threads) {
        this.name = name;
        this.threads = threads;
        this.kept = kept;
        this.computation = computation;
        this.completed = completed;
        this.ended = ended;
    }

    /**
     * Joins this call.
     *
     * @param deadline the server's deadline of the joining request
     * @return a waiter, or empty if the call has failed or was abandoned
     * @throws OutOfMemoryError if the call's thread cannot be started; the call is then abandoned
     */
    Optional<Waiter> join(Deadline deadline) {
        try {
            return joinUnlessOver(deadline);
        } catch (RuntimeException | Error e) {
            abandonUnlessStarted();
            throw e;
        }
    }

    private Optional<Waiter> joinUnlessOver(Deadline deadline) {
        KeepRunning before;
        Optional<Waiter> joined;
        lock.lock();
        try {
            if (state == State.FAILED || state == State.ABANDONED) {
                return Optional.empty();
            }
            Waiter waiter = new Waiter(deadline, thread == null);
            joined = Optional.of(waiter);
            add(waiter);
            lastLeft = null;
            before = keptRunning;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        disarm(before);
        return joined;
    }

    /**
     * Adds a waiter; the first one starts the call's thread. In this order: if the waiter could not be added, the computation would
     * run without a waiter, and nothing would end it. Called with the lock, as is {@link #start}.
     */
    private void add(Waiter waiter) {
        boolean added = false;
        try {
            waiters.add(waiter);
            if (waiter.first) {
                start();
            }
            added = true;
        } finally {
            if (!added) {
                waiters.remove(waiter);
            }
        }
    }

    private void start() {
        StartGate gate = new StartGate();
        Thread starting = threads.newThread(gate.guard(this::compute));
        tracker.ifPresent(it -> it.begins(starting));
        gate.start(starting);
        // assigned only now: a call whose thread could not be started has none
        thread = starting;
    }

    /** Called when a waiter could not join: abandons this call, unless another waiter has started its thread meanwhile. */
    private void abandonUnlessStarted() {
        lock.lock();
        try {
            if (thread != null || state != State.RUNNING) {
                return;
            }
            state = State.ABANDONED;
        } finally {
            lock.unlock();
        }
        ended.accept(this);
    }

    int waiting() {
        lock.lock();
        try {
            return waiters.size();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the latest deadline of the waiters; without waiters, that of the time to run without them. */
    @Override
    public Deadline deadline() {
        lock.lock();
        try {
            return waiters.stream()
                    .map(it -> it.deadline)
                    .max(Comparator.naturalOrder())
                    .orElseGet(() -> keptRunning == null ? Deadline.in(Duration.ZERO) : keptRunning.deadline);
        } finally {
            lock.unlock();
        }
    }

    /** Returns {@link #deadline()}, which does not depend on the times that clients ask for. */
    @Override
    public Deadline serverDeadline() {
        return deadline();
    }

    @Override
    public Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public boolean over() {
        lock.lock();
        try {
            return state != State.RUNNING;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return "shared call " + number;
    }

    @Override
    public void enter() {
        tracker.ifPresent(WorkTracker::enter);
    }

    @Override
    public void leave() {
        tracker.ifPresent(WorkTracker::leave);
    }

    @Override
    public void threw(Throwable thrown) {
        lock.lock();
        try {
            if (!closed) {
                undelivered.add(thrown);
                return;
            }
        } finally {
            lock.unlock();
        }
        report(List.of(thrown));
    }

    @Override
    public Optional<WorkTracker> trackerForDetachedWork() {
        return tracker.map(WorkTracker::forDetachedWork);
    }

    @Override
    public Optional<OutcomeReporter> reporter() {
        return reporter;
    }

    private void compute() {
        try {
            value = OffThreadTask.callFor(name, this, () -> {
                // the call may have been abandoned before this thread ran
                OffThreadTask.ensureNotCancelled();
                try {
                    return computation.call();
                } finally {
                    cancellation.close();
                }
            });
        } catch (Throwable e) {
            thrown = shareable(e);
        }
        tracker.ifPresent(WorkTracker::ended);
        if (end(thrown == null ? State.COMPLETED : State.FAILED)) {
            // a client may repeat its request as soon as it has the result, and must not join this call again
            try {
                retire();
            } finally {
                over.countDown();
            }
        }
        List<Throwable> failures;
        lock.lock();
        try {
            closed = true;
            failures = List.copyOf(undelivered);
        } finally {
            lock.unlock();
        }
        report(failures);
    }

    /**
     * Creates the values of an exception's headers before the waiters share it: Helidon 4.5.0 creates them on first use, and
     * shows another thread an empty list meanwhile ({@code HeaderValueSingle.allValues}).
     */
    private static Throwable shareable(Throwable thrown) {
        try {
            if (thrown instanceof HttpException http) {
                http.headers().forEach(Header::allValues);
            }
        } catch (Throwable e) {
            // a method of the exception has failed in any way; the waiters must get the exception all the same
        }
        return thrown;
    }

    /** Reports exceptions that no waiter receives. Called without the lock, when the call has ended. */
    private void report(List<Throwable> failures) {
        Outcome outcome = outcome();
        reporter.ifPresent(it -> it.threwAfterwards(failures, outcome));
    }

    /** How the call has ended; if no waiter got its exception, why the last one has left. */
    private Outcome outcome() {
        lock.lock();
        try {
            if (abandonedFor != null) {
                return abandonedFor;
            }
            if (state == State.COMPLETED) {
                return Outcome.COMPLETED;
            }
            return delivered || lastLeft == null ? Outcome.FAILED : lastLeft;
        } finally {
            lock.unlock();
        }
    }

    private void retire() {
        try {
            if (thrown == null) {
                completed.accept(value);
            }
        } finally {
            ended.accept(this);
        }
    }

    /** Ends the time to run without waiters; cancels the computation if there are none. */
    void shutDown() {
        KeepRunning time;
        lock.lock();
        try {
            time = keptRunning;
        } finally {
            lock.unlock();
        }
        if (time != null) {
            time.disarm();
            abandon(time, Outcome.SHUTDOWN);
        }
    }

    private void leave(Waiter waiter) {
        try {
            keepRunningWithout(waiter);
        } catch (RuntimeException | Error e) {
            abandonWithout(waiter);
            throw e;
        }
    }

    private void keepRunningWithout(Waiter waiter) {
        // a waiter leaves before the end only if its request is cancelled; after the end, the reason is never read, and a request
        // that asks for it would lose a response that is about to be complete
        Outcome why = waiter.served ? Outcome.DISCONNECTED : Cancellation.current().reason().orElse(Outcome.DISCONNECTED);
        KeepRunning time = null;
        lock.lock();
        try {
            if (!waiters.remove(waiter) || !waiters.isEmpty()) {
                return;
            }
            lastLeft = why;
            if (state == State.RUNNING) {
                time = new KeepRunning(kept, why == Outcome.SHUTDOWN ? Duration.ZERO : kept.time, waiter.deadline);
                keptRunning = time;
            } else if (state != State.FAILED || delivered) {
                return;
            }
        } finally {
            lock.unlock();
        }
        if (time == null) {
            report(List.of(thrown));
            return;
        }
        // without the lock: this may abandon another call, for the reason for which its own last waiter has left
        KeepRunning left = time;
        left.whenOver(() -> abandon(left, why));
    }

    /**
     * Called when the departure of a waiter has failed, for example on an exhausted heap. Nothing else would end the computation
     * if this was the last waiter.
     */
    private void abandonWithout(Waiter waiter) {
        KeepRunning before;
        lock.lock();
        try {
            waiters.remove(waiter);
            if (state != State.RUNNING || !waiters.isEmpty()) {
                return;
            }
            state = State.ABANDONED;
            abandonedFor = Outcome.DISCONNECTED;
            before = keptRunning;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        try {
            disarm(before);
        } finally {
            cancel(Outcome.DISCONNECTED);
        }
    }

    /** Called when a waiter gets the exception of the computation, which is then reported with its request. */
    private void delivered() {
        lock.lock();
        try {
            delivered = true;
        } finally {
            lock.unlock();
        }
    }

    /** Abandons the call, unless a request has joined in that time or the computation has ended. */
    private void abandon(KeepRunning time, Outcome why) {
        lock.lock();
        try {
            if (keptRunning != time) {
                return;
            }
            state = State.ABANDONED;
            abandonedFor = why;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        cancel(why);
    }

    private void cancel(Outcome why) {
        // whatever fails, such as the comparison of the application's keys, the computation must not go on
        try {
            ended.accept(this);
        } finally {
            try {
                tracker.ifPresent(it -> it.cancelled(why));
            } finally {
                cancellation.begin();
                thread.interrupt();
            }
        }
    }

    /** Ends the call when the computation has ended; settles the race with the departure of the last waiter. */
    private boolean end(State how) {
        KeepRunning before;
        lock.lock();
        try {
            if (thrown != null && (state != State.RUNNING || waiters.isEmpty())) {
                undelivered.add(thrown);
            }
            if (state != State.RUNNING) {
                return false;
            }
            state = how;
            before = keptRunning;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        disarm(before);
        return true;
    }

    /** Called without the lock, since the timer's thread, or a thread that leaves another call, may be waiting for it. */
    private static void disarm(KeepRunning keptRunning) {
        if (keptRunning != null) {
            keptRunning.disarm();
        }
    }

    private enum State {
        RUNNING, COMPLETED, FAILED, ABANDONED
    }

    /** One request that waits for this call. Used by one thread, which must close it. */
    final class Waiter implements AutoCloseable {
        /** Guarded by the call's lock. */
        private Deadline deadline;
        /** Whether this waiter started the computation. */
        final boolean first;
        /** Whether the waiter has received the result or the exception. */
        private boolean served;

        private Waiter(Deadline deadline, boolean first) {
            this.deadline = deadline;
            this.first = first;
        }

        SharedCall<V> call() {
            return SharedCall.this;
        }

        /**
         * Waits for the result.
         *
         * @throws InterruptedException if the waiting thread was interrupted
         * @throws ExecutionException   if the computation failed; the cause is its exception
         */
        V await() throws InterruptedException, ExecutionException {
            over.await();
            served = true;
            if (thrown != null) {
                delivered();
                // with a message: it would be that of the cause otherwise, which may throw
                throw new ExecutionException("The computation has failed", thrown);
            }
            return value;
        }

        /**
         * Waits for the result until some time after the deadline of this waiter. If the deadline is {@linkplain #extend extended}
         * meanwhile, the later one counts.
         *
         * @param after how long to wait after the deadline
         * @throws InterruptedException if the waiting thread was interrupted
         * @throws ExecutionException   if the computation failed; the cause is its exception
         * @throws TimeoutException     if there is no result by then
         */
        V await(Duration after) throws InterruptedException, ExecutionException, TimeoutException {
            Deadline latest = ownDeadline();
            while (!over.await(latest.remaining().plus(after).toNanos(), TimeUnit.NANOSECONDS)) {
                Deadline before = latest;
                latest = ownDeadline();
                if (latest.equals(before)) {
                    throw new TimeoutException("No result at the deadline");
                }
            }
            return await();
        }

        private Deadline ownDeadline() {
            lock.lock();
            try {
                return deadline;
            } finally {
                lock.unlock();
            }
        }

        /** Makes the deadline later, for a request of another member of the cluster that waits for several. */
        void extend(Deadline later) {
            lock.lock();
            try {
                if (later.compareTo(deadline) > 0) {
                    deadline = later;
                }
            } finally {
                lock.unlock();
            }
        }

        /** Leaves the call; if this was the last waiter, the computation is cancelled once {@code keep-running} has passed. */
        @Override
        public void close() {
            leave(this);
        }
    }
}

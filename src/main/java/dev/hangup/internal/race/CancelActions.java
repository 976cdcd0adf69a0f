package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.Cancellation;
import dev.hangup.internal.time.ThreadStarter;
import dev.hangup.outcome.Outcome;

/**
 * The cancellation of one piece of work, with the actions that were registered for it. The code that runs the work starts the
 * actions when the work is cancelled ({@link #begin()}), and closes this object when the work has ended.
 */
public final class CancelActions implements Cancellation {
    /** How long the close of a registration waits for an action that is still running. */
    public static final Duration ACTION_TIME = Duration.ofSeconds(5);
    /** Must precede {@link #NEVER}, which is created with it. */
    private static final ThreadFactory THREADS = ThreadStarter.virtual("hangup-cancel");
    /** The cancellation of work that is never cancelled. */
    static final Cancellation NEVER = new CancelActions(() -> null, ACTION_TIME, thrown -> { });

    private static final System.Logger LOGGER = System.getLogger(Cancellation.class.getName());
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<Outcome> reason;
    private final Duration actionTime;
    private final Consumer<Throwable> failed;
    private final ThreadFactory threads;
    private final Set<Registered> open = ConcurrentHashMap.newKeySet();
    /** The waits of the work's threads, which nobody interrupts. Each thread adds and removes its own. */
    private final Set<CancellableWait> waits = ConcurrentHashMap.newKeySet();
    /** Written by the thread that ran the work. */
    private volatile boolean ended;

    /**
     * @param reason     supplies why the work was cancelled, {@code null} while it is not; must be set before {@link #begin()}
     * @param actionTime how long the close of a registration waits for an action that is still running
     * @param failed     receives the exception of an action, on the thread of the action; for a repeating action, only the first
     *                   exception
     */
    public CancelActions(Supplier<Outcome> reason, Duration actionTime, Consumer<Throwable> failed) {
        this(reason, actionTime, failed, THREADS);
    }

    CancelActions(Supplier<Outcome> reason, Duration actionTime, Consumer<Throwable> failed, ThreadFactory threads) {
        this.reason = reason;
        this.actionTime = actionTime;
        this.failed = failed;
        this.threads = threads;
    }

    @Override
    public boolean isRequested() {
        return reason.get() != null;
    }

    @Override
    public Optional<Outcome> reason() {
        return Optional.ofNullable(reason.get());
    }

    @Override
    public Registration onCancel(Action action) throws InterruptedException {
        return register(action, false);
    }

    @Override
    public Registration onCancelRepeating(Action action) throws InterruptedException {
        return register(action, true);
    }

    private Registration register(Action action, boolean repeating) throws InterruptedException {
        Registered registered = new Registered(action, repeating);
        if (this == NEVER) {
            return registered;
        }
        open.add(registered);
        // checked after adding: a thread that cancels or ends the work meanwhile sees the action, or this thread sees its change
        if (ended) {
            registered.close();
        } else if (isRequested() && registered.withdraw()) {
            open.remove(registered);
            throwIfRequested();
        }
        return registered;
    }

    /**
     * Called when the work is cancelled: wakes up the threads that wait, and starts the actions. Neither blocks nor throws: an
     * action whose thread cannot be started begins later.
     */
    public void begin() {
        waits.forEach(CancellableWait::wakeUp);
        open.forEach(Registered::begin);
    }

    /** Adds a wait. Its thread then asks whether the work is cancelled: if not, the cancellation sees this wait. */
    void add(CancellableWait wait) {
        waits.add(wait);
    }

    void remove(CancellableWait wait) {
        waits.remove(wait);
    }

    /** Called when the work has ended. Waits for actions that are running. */
    public void close() {
        ended = true;
        long until = System.nanoTime() + actionTime.toNanos();
        open.forEach(it -> it.close(until));
    }

    private enum State {
        /** Cancellation starts the action. */
        OPEN,
        /** The action is running, or has run. */
        BEGUN,
        /** The action never runs. */
        CLOSED
    }

    private final class Registered implements Registration {
        private final Action action;
        private final boolean repeating;
        /** Settles the race between the cancellation of the work and the close of this registration. */
        private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
        private final CountDownLatch closing = new CountDownLatch(1);
        private final CountDownLatch finished = new CountDownLatch(1);
        /**
         * The thread that runs the action; {@code null} before that. Written by that thread, which then reads
         * {@link #abandoned}.
         */
        private volatile Thread thread;
        /** Written by a thread that closes this registration. */
        private volatile boolean abandoned;

        private Registered(Action action, boolean repeating) {
            this.action = action;
            this.repeating = repeating;
        }

        @Override
        public void close() {
            close(System.nanoTime() + actionTime.toNanos());
        }

        private void close(long until) {
            open.remove(this);
            closing.countDown();
            if (!withdraw() && state.get() == State.BEGUN && Thread.currentThread() != thread && !finishedBy(until)) {
                abandoned = true;
                Thread running = thread;
                if (running != null) {
                    running.interrupt();
                }
            }
        }

        @Override
        public boolean isAbandoned() {
            return abandoned;
        }

        private void begin() {
            if (state.compareAndSet(State.OPEN, State.BEGUN)) {
                start(new ThreadStarter(threads));
            }
        }

        private void start(ThreadStarter starter) {
            starter.start(this::run, () -> start(starter));
        }

        /** Returns whether this was open, and the action never runs. */
        private boolean withdraw() {
            return state.compareAndSet(State.OPEN, State.CLOSED);
        }

        private void run() {
            thread = Thread.currentThread();
            try {
                if (abandoned) {
                    return;
                }
                runOnce(failed);
                long pause = FIRST_PAUSE;
                while (repeating && !closing.await(pause, TimeUnit.NANOSECONDS)) {
                    runOnce(thrown -> LOGGER.log(System.Logger.Level.DEBUG, "A cancel action failed again", thrown));
                    pause = Math.min(2 * pause, LONGEST_PAUSE);
                }
            } catch (InterruptedException e) {
                // abandoned
            } finally {
                finished.countDown();
            }
        }

        private void runOnce(Consumer<Throwable> failed) {
            try {
                action.run();
            } catch (Throwable e) {
                failed.accept(e);
            }
        }

        private boolean finishedBy(long until) {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return finished.await(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}

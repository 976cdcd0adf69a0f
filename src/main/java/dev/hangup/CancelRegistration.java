package dev.hangup;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.internal.text.Printable;

/** That an action stops some work, for as long as this is open. See {@link Cancellation#onCancel}. */
public final class CancelRegistration implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(CancelRegistration.class.getName());

    private final Duration actionTime;
    private final Consumer<CancelRegistration> closed;
    private final CancelAction action;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Settles the race between the stop and the registration's end. */
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    /** Runs the action. Written by the thread that stops the work, before the action has begun. */
    private volatile Thread thread;
    /** Written by a thread that closes this. */
    private volatile boolean abandoned;

    /**
     * @param actionTime how long to wait at the end for an action that has begun
     * @param closed     told when this is closed
     */
    CancelRegistration(CancelAction action, Duration actionTime, Consumer<CancelRegistration> closed) {
        this.action = action;
        this.actionTime = actionTime;
        this.closed = closed;
    }

    /**
     * Ends the registration: the action does not begin any more. If it has begun, this waits until it has ended, so that
     * nothing of it hits what comes after; for 5 seconds at most, then it is interrupted and {@linkplain #abandoned()
     * abandoned}. Being interrupted does not shorten that. Not for the action itself to call.
     */
    @Override
    public void close() {
        closed.accept(this);
        if (!withdraw() && state.get() == State.BEGUN && !awaitEnd()) {
            abandoned = true;
            thread.interrupt();
        }
    }

    /**
     * Whether the action had not ended in time when this was closed, so that nobody knows when it does, and if. What it works
     * on had better be thrown away.
     *
     * @return whether it was abandoned
     */
    public boolean abandoned() {
        return abandoned;
    }

    /** The work is to be stopped. For one thread, once. */
    void begin() {
        thread = Thread.ofVirtual().name("hangup-cancel").unstarted(this::run);
        if (state.compareAndSet(State.OPEN, State.BEGUN)) {
            thread.start();
        }
    }

    /** @return whether this was open, and the action has not begun */
    boolean withdraw() {
        return state.compareAndSet(State.OPEN, State.CLOSED);
    }

    private void run() {
        try {
            action.run();
        } catch (Throwable e) {
            LOGGER.log(System.Logger.Level.WARNING, "A cancel action failed: " + Printable.line(e.toString()));
            LOGGER.log(System.Logger.Level.DEBUG, "It failed here", e);
        } finally {
            ended.countDown();
        }
    }

    private boolean awaitEnd() {
        boolean interrupted = false;
        long end = System.nanoTime() + actionTime.toNanos();
        try {
            while (true) {
                try {
                    return ended.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
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

    private enum State {
        /** A stop begins the action. */
        OPEN,
        /** The action is running, or has run. */
        BEGUN,
        /** The action never runs. */
        CLOSED
    }
}

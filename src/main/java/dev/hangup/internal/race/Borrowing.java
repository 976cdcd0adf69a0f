package dev.hangup.internal.race;

import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.text.Printable;
import dev.hangup.internal.time.StartGate;

/**
 * Borrows from a pool, on threads that nobody interrupts.
 * <p>
 * A pool may check an idle connection before it lends it, and an interrupt closes the socket on which a virtual thread is
 * blocked. The pool drops that connection and tries the next one, which breaks at once, since the interrupt status stays set: one
 * departure would empty the pool. So each borrow has a virtual thread of its own. The calling thread waits for it, and leaves at
 * once when it is interrupted. An object that the pool lends after that is given back.
 * <p>
 * A borrow whose caller has left holds no permit, and lasts until the pool has decided. The number of these is bounded. Beyond
 * the bound, an interrupted caller waits for the end of its borrow, and its request keeps its permit. So the number of
 * borrowing threads never exceeds that bound plus the number of callers.
 *
 * @param <T> what the pool lends, and what is given back by closing it
 */
public final class Borrowing<T extends AutoCloseable> {
    /** Far more than a pool lends at a time; a virtual thread that waits takes a few kilobytes. */
    private static final int MAX_ABANDONED = 256;
    private static final System.Logger LOGGER = System.getLogger(Borrowing.class.getName());

    private final Callable<? extends T> lend;
    private final Semaphore abandoned;
    private final ThreadFactory threads;

    /**
     * @param name the name of the threads
     * @param lend asks the pool
     */
    public Borrowing(String name, Callable<? extends T> lend) {
        this(lend, MAX_ABANDONED, Thread.ofVirtual().name(name).factory());
    }

    Borrowing(Callable<? extends T> lend, int maxAbandoned, ThreadFactory threads) {
        this.lend = lend;
        this.abandoned = new Semaphore(maxAbandoned);
        this.threads = threads;
    }

    /**
     * Borrows from the pool. The pool sees the Helidon context and the logging context of the calling thread, but no scoped
     * values of the application, since these reach only threads that their scope outlives. Throws what the pool throws.
     *
     * @throws InterruptedException if the calling thread was interrupted, or the task around it that nobody interrupts was
     *                              cancelled, before the pool had decided; the interrupt status is cleared
     */
    public T borrow() throws Exception {
        Borrow borrow = new Borrow();
        // without the gate, an object might be lent to a caller that has left with the failure of the start
        StartGate gate = new StartGate();
        gate.start(threads.newThread(gate.guard(borrow::run)));
        return borrow.await();
    }

    /**
     * Gives back a borrowed object, on a thread that nobody interrupts. The calling thread waits for that, unless it is
     * interrupted; its interrupt status is then set. If no thread can be started, the calling thread gives it back itself.
     * Exceptions are logged.
     */
    public void giveBack(T lent) {
        Thread giving;
        try {
            // without the gate, both threads might give it back
            StartGate gate = new StartGate();
            giving = threads.newThread(gate.guard(() -> giveBackHere(lent)));
            gate.start(giving);
        } catch (RuntimeException | Error e) {
            boolean interrupted = Thread.interrupted();
            LOGGER.log(System.Logger.Level.WARNING, "No thread could be started to give back a borrowed object", e);
            giveBackHere(lent);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return;
        }
        try {
            giving.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void giveBackHere(T lent) {
        try {
            lent.close();
        } catch (Throwable e) {
            LOGGER.log(System.Logger.Level.WARNING, "A borrowed object could not be given back to its pool: "
                    + Printable.line(e.toString()));
            LOGGER.log(System.Logger.Level.DEBUG, "Cause of the failure above", e);
        }
    }

    private enum State {
        /** The pool has neither lent an object nor thrown. */
        PENDING,
        /** The caller receives the object or the exception of the pool. */
        DECIDED,
        /** The caller has left. */
        ABANDONED
    }

    private final class Borrow {
        private final CallerContext caller = CallerContext.capture();
        private final WorkContext context = Current.context();
        /** Wakes up the caller: once when the pool has decided, and when the caller's work is cancelled. */
        private final Semaphore wakeUps = new Semaphore(0);
        /** Settles the race between the pool's decision and the departure of the caller. */
        private final AtomicReference<State> state = new AtomicReference<>(State.PENDING);
        /** Written by the borrowing thread before it has decided. */
        private T lent;
        private Throwable thrown;

        private void run() {
            try {
                caller.run(() -> Current.within(context, this::ask));
            } catch (Throwable e) {
                // thrown by a provider of context; the caller must not wait for ever
                if (lent == null) {
                    thrown = e;
                }
            }
            if (state.compareAndSet(State.PENDING, State.DECIDED)) {
                wakeUps.release();
                return;
            }
            try {
                if (thrown == null) {
                    giveBackHere(lent);
                } else if (thrown instanceof Error) {
                    LOGGER.log(System.Logger.Level.WARNING, "A pool failed, while nobody waited for it any more", thrown);
                }
            } finally {
                abandoned.release();
            }
        }

        private void ask() {
            try {
                lent = lend.call();
            } catch (Throwable e) {
                thrown = e;
            }
        }

        private T await() throws Exception {
            InterruptedException interrupted = null;
            try (CancellableWait wait = CancellableWait.begin(wakeUps::release)) {
                while (true) {
                    try {
                        if (interrupted == null && wait.isCancelled()) {
                            throw new InterruptedException("The work was cancelled");
                        }
                        wakeUps.acquire();
                        if (state.get() == State.DECIDED) {
                            break;
                        }
                    } catch (InterruptedException e) {
                        if (abandon()) {
                            throw e;
                        }
                        interrupted = e;
                    }
                }
            }
            if (interrupted == null) {
                return thrown == null ? lent : OffThreadTask.rethrow(thrown);
            }
            if (thrown == null) {
                Borrowing.this.giveBack(lent);
                // an interrupt during giveBack() has set the status again; the exception takes its place
                Thread.interrupted();
            } else {
                interrupted.initCause(thrown);
            }
            throw interrupted;
        }

        /** Lets the caller leave; returns {@code false} if the pool has decided, or if too many have left. */
        private boolean abandon() {
            if (!abandoned.tryAcquire()) {
                return false;
            }
            if (state.compareAndSet(State.PENDING, State.ABANDONED)) {
                return true;
            }
            abandoned.release();
            return false;
        }
    }
}

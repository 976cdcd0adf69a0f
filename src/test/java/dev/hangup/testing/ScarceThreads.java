package dev.hangup.testing;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Virtual threads in a JVM in which no native thread can be started for a while. */
public final class ScarceThreads implements ThreadFactory {
    private final AtomicInteger failures;
    private final boolean ghosts;
    private final CountDownLatch released = new CountDownLatch(1);
    /** The last thread whose start has thrown although it runs; {@code null} if there is none. */
    private volatile Thread ghost;

    /**
     * @param failures how many threads cannot be started
     */
    public ScarceThreads(int failures) {
        this(failures, false);
    }

    private ScarceThreads(int failures, boolean ghosts) {
        this.failures = new AtomicInteger(failures);
        this.ghosts = ghosts;
    }

    /**
     * As {@link #ScarceThreads(int)}, but {@code start} throws when the thread already runs, as that of a virtual thread may: see
     * {@code StartGate}. The thread reaches its work only when it is {@linkplain #releaseGhost() released}.
     */
    public static ScarceThreads thatRunAllTheSame(int failures) {
        return new ScarceThreads(failures, true);
    }

    /** From now on each thread can be started. */
    public void recover() {
        failures.set(0);
    }

    /** Lets the thread whose start has thrown continue. */
    public void releaseGhost() {
        released.countDown();
    }

    /** Lets the thread whose start has thrown continue, and waits for its end. */
    public void awaitGhost() throws InterruptedException {
        releaseGhost();
        assertTrue(ghost.join(Await.TIME), "it ends");
    }

    @Override
    public Thread newThread(Runnable work) {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            if (ghosts) {
                ghost = new Ghost(work);
                return ghost;
            }
            throw new OutOfMemoryError("unable to create native thread");
        }
        return Thread.ofVirtual().unstarted(work);
    }

    private final class Ghost extends Thread {
        private final Runnable work;
        private final CountDownLatch begun = new CountDownLatch(1);

        private Ghost(Runnable work) {
            this.work = work;
            setDaemon(true);
        }

        @Override
        public void start() {
            super.start();
            awaitUninterruptibly(begun);
            throw new OutOfMemoryError("unable to create native thread");
        }

        @Override
        public void run() {
            begun.countDown();
            awaitUninterruptibly(released);
            work.run();
        }

        private static void awaitUninterruptibly(CountDownLatch event) {
            try {
                event.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

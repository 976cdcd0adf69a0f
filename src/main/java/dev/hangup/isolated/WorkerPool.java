package dev.hangup.isolated;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.race.CancellableWait;
import dev.hangup.internal.time.StartGate;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/**
 * The pool of workers. From the first call on, it holds the configured number of workers. A worker that ends is replaced at
 * once, in the background. If the start fails, it is tried again when a call needs a worker and some time has passed.
 */
final class WorkerPool implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(WorkerPool.class.getName());
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final WorkerLauncher launcher;
    private final int size;

    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock, as are the fields that follow. */
    private final Deque<Worker> idle = new ArrayDeque<>();
    /** The number of started workers, idle or busy. */
    private int present;
    private int starting;
    /** The number of failed starts and of ends without a call, since the last successful call. */
    private int failures;
    private String reason = "";
    private long retryAt = System.nanoTime();
    private boolean closed;

    WorkerPool(IsolatedConfig config) {
        this.launcher = new WorkerLauncher(config);
        this.size = config.size();
    }

    /** Starts the missing workers, without waiting for them. */
    void grow() {
        lock.lock();
        try {
            while (!closed && present + starting < size && retryAt - System.nanoTime() <= 0) {
                StartGate gate = new StartGate();
                Thread start = Thread.ofVirtual().name("hangup-isolated-start").unstarted(gate.guard(this::start));
                starting++;
                boolean begun = false;
                try {
                    gate.start(start);
                    begun = true;
                } finally {
                    if (!begun) {
                        starting--;
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a worker, which must be given back. At most as many callers as workers are admitted.
     *
     * @throws InterruptedException if the calling thread is interrupted, or its work is cancelled, while it waits
     * @throws HttpException        with 503, if no worker can be started
     */
    Worker take() throws InterruptedException {
        try (CancellableWait wait = CancellableWait.begin(this::wakeUp)) {
            return take(wait);
        }
    }

    private Worker take(CancellableWait wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (closed) {
                    throw unavailable("Isolated work is no longer accepted", Optional.empty(), Duration.ofSeconds(1));
                }
                for (Worker worker = idle.poll(); worker != null; worker = idle.poll()) {
                    if (worker.usable()) {
                        return worker;
                    }
                    present--;
                }
                grow();
                if (wait.isCancelled()) {
                    throw new InterruptedException("The work was cancelled");
                }
                if (starting > 0) {
                    changed.await();
                } else if (present > 0) {
                    changed.awaitNanos(retryAt - System.nanoTime());
                } else {
                    // the client does not receive the reason, which may contain a path or an option of the server
                    throw unavailable("No worker can be started", Optional.of(new IOException(reason)),
                                      Duration.ofNanos(retryAt - System.nanoTime()));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes the callers that wait look again. */
    private void wakeUp() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Workers now() {
        lock.lock();
        try {
            return new Workers(starting, idle.size(), present - idle.size());
        } finally {
            lock.unlock();
        }
    }

    void giveBack(Worker worker) {
        lock.lock();
        try {
            changed.signalAll();
            if (worker.usable()) {
                failures = 0;
                idle.push(worker);
            } else {
                // its process may have outlived its kill for a moment
                worker.hangUp();
                present--;
                grow();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Kills all workers, and returns when they have ended. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        launcher.close();
    }

    private void start() {
        Worker worker;
        try {
            worker = launcher.start();
        } catch (IOException | RuntimeException | Error e) {
            failed(String.valueOf(e.getMessage()));
            return;
        } catch (InterruptedException e) {
            failed("interrupted");
            return;
        }
        ready(worker);
        worker.onEnd(() -> ended(worker));
    }

    private void ready(Worker worker) {
        lock.lock();
        try {
            starting--;
            present++;
            idle.push(worker);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(String why) {
        lock.lock();
        try {
            starting--;
            pause(why);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Handles the end of a worker. If the worker was busy, its call notices. The end of one idle worker may be an accident;
     * each further one before the next successful call delays the next start.
     */
    private void ended(Worker worker) {
        lock.lock();
        try {
            if (idle.remove(worker)) {
                present--;
                if (failures > 0) {
                    pause("worker " + worker.pid() + " ended while idle");
                } else {
                    failures = 1;
                }
                grow();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void pause(String why) {
        // workers that were started together fail together
        if (closed || retryAt - System.nanoTime() > 0) {
            return;
        }
        reason = why;
        long pause = Math.min(FIRST_PAUSE << Math.min(failures, 10), LONGEST_PAUSE);
        failures++;
        retryAt = System.nanoTime() + pause;
        LOGGER.log(System.Logger.Level.WARNING, "A worker failed; no worker will be started for "
                + TimeUnit.NANOSECONDS.toMillis(pause) + " ms: " + why);
    }

    /**
     * The refusal of a call.
     *
     * @param text  sent to the client
     * @param cause for the log, and for callers that have no client
     */
    static HttpException unavailable(String text, Optional<Exception> cause, Duration retryAfter) {
        return new HttpException(text, Status.SERVICE_UNAVAILABLE_503, cause.orElse(null), true)
                .header(HeaderValues.create(HeaderNames.RETRY_AFTER, String.valueOf(Math.max(1, retryAfter.toSeconds() + 1))));
    }
}

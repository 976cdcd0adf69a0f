package dev.hangup.isolated;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/**
 * Workers that wait for calls. There are as many as there may be from the first call on; one that ends is replaced at once,
 * in the background. If that fails it is tried again, when a call wants it and some time has passed.
 */
final class WorkerPool implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(WorkerPool.class.getName());
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final WorkerLauncher launcher;
    private final int size;

    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** All that follows is guarded by the lock. */
    private final Deque<Worker> idle = new ArrayDeque<>();
    /** Those that are ready, at work or not. */
    private int present;
    private int starting;
    /** Starts that failed, and ends for nothing, since the last call that went well. */
    private int failures;
    private String reason = "";
    private long retryAt = System.nanoTime();
    private boolean closed;

    WorkerPool(IsolatedConfig config) {
        this.launcher = new WorkerLauncher(config);
        this.size = config.size();
    }

    /** Starts those that are not there, and does not wait for them. */
    void grow() {
        lock.lock();
        try {
            while (!closed && present + starting < size && retryAt - System.nanoTime() <= 0) {
                Thread start = Thread.ofVirtual().name("hangup-isolated-start").unstarted(this::start);
                starting++;
                boolean begun = false;
                try {
                    start.start();
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
     * Waits for a worker, to be given back. Who asks is one of at most as many as there may be workers.
     *
     * @throws HttpException 503, if none can be started
     */
    Worker take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (closed) {
                    throw unavailable("Isolated work has come to its end", Duration.ofSeconds(1));
                }
                for (Worker worker = idle.poll(); worker != null; worker = idle.poll()) {
                    if (worker.usable()) {
                        return worker;
                    }
                    present--;
                }
                grow();
                if (starting > 0) {
                    changed.await();
                } else if (present > 0) {
                    changed.awaitNanos(retryAt - System.nanoTime());
                } else {
                    throw unavailable("No worker can be started: " + reason, Duration.ofNanos(retryAt - System.nanoTime()));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    int ready() {
        lock.lock();
        try {
            return present;
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
            if (worker.usable()) {
                failures = 0;
                idle.push(worker);
            } else {
                present--;
                changed.signalAll();
                grow();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Kills all, and returns when they have ended. */
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

    /** One that is at work is missed by its call. Once may be bad luck; until a call has succeeded, the next one waits. */
    private void ended(Worker worker) {
        lock.lock();
        try {
            if (idle.remove(worker)) {
                present--;
                if (failures > 0) {
                    pause("worker " + worker.pid() + " ended with nothing to do");
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
        // those that were started together fail together
        if (closed || retryAt - System.nanoTime() > 0) {
            return;
        }
        reason = why;
        long pause = Math.min(FIRST_PAUSE << Math.min(failures, 10), LONGEST_PAUSE);
        failures++;
        retryAt = System.nanoTime() + pause;
        LOGGER.log(System.Logger.Level.WARNING, "No worker could be started, none will be for "
                + TimeUnit.NANOSECONDS.toMillis(pause) + " ms: " + why);
    }

    static HttpException unavailable(String why, Duration retryAfter) {
        return new HttpException(why, Status.SERVICE_UNAVAILABLE_503, true)
                .header(HeaderValues.create(HeaderNames.RETRY_AFTER, String.valueOf(Math.max(1, retryAfter.toSeconds() + 1))));
    }
}

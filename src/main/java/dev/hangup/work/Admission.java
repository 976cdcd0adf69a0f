package dev.hangup.work;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.race.Part;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/**
 * How much of something goes on at a time, and how much more may wait for its turn: first come, first served.
 * <p>
 * Who waits is interrupted when their request is stopped, and has lost nothing but the time: what nobody wants any more is
 * never let in.
 */
public final class Admission {
    private final String what;
    private final int atOnce;
    private final int queue;
    private final long retryAfterSeconds;
    private final Semaphore permits;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * An admission with all its permits.
     *
     * @param what       what is admitted, as a refusal names it
     * @param atOnce     how many at a time; positive
     * @param queue      how many more may wait; zero or more
     * @param retryAfter what those are told that are refused, in whole seconds
     */
    public Admission(String what, int atOnce, int queue, Duration retryAfter) {
        this.what = what;
        this.atOnce = atOnce;
        this.queue = queue;
        this.retryAfterSeconds = retryAfter.toSeconds();
        this.permits = new Semaphore(atOnce, true);
    }

    /**
     * Waits for a turn.
     *
     * @return a permit, to be closed by any thread when what it was for has ended
     * @throws HttpException        with 503 and {@code Retry-After}, at once, if too many wait already
     * @throws InterruptedException if the calling thread is interrupted, or its request is being stopped
     */
    public Permit enter() throws InterruptedException {
        // made before, so that nothing can fail between the permit's being taken and its being given back
        Permit permit = new Permit();
        // unlike tryAcquire() this lets those who wait go first
        if (!permits.tryAcquire(0, TimeUnit.SECONDS)) {
            awaitTurn();
        }
        try {
            Part.ensureWanted();
        } catch (Throwable e) {
            permit.close();
            throw e;
        }
        return permit;
    }

    /**
     * How many are let in and have not ended.
     *
     * @return a number that may be out of date
     */
    public int running() {
        return atOnce - permits.availablePermits();
    }

    /**
     * How many wait for their turn.
     *
     * @return a number that may be out of date
     */
    public int waiting() {
        return waiting.get();
    }

    private void awaitTurn() throws InterruptedException {
        // settles who gets the last place in the queue
        if (waiting.getAndUpdate(count -> count < queue ? count + 1 : count) >= queue) {
            throw new HttpException("Too much " + what + " is waiting already", Status.SERVICE_UNAVAILABLE_503, true)
                    .header(HeaderValues.create(HeaderNames.RETRY_AFTER, String.valueOf(retryAfterSeconds)));
        }
        try {
            permits.acquire();
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** One that was let in. */
    public final class Permit implements AutoCloseable {
        /** Settles who gives it back, if several do. */
        private final AtomicBoolean held = new AtomicBoolean(true);

        private Permit() {
        }

        @Override
        public void close() {
            if (held.compareAndSet(true, false)) {
                permits.release();
            }
        }
    }
}

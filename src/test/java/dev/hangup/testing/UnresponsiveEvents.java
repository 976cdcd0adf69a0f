package dev.hangup.testing;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.UnresponsiveWork;

/** A listener that keeps what it is told of unresponsive work, and leaves "unresponsive" and "unresponsive ended" on a trail. */
public final class UnresponsiveEvents implements OutcomeListener {
    private final BlockingQueue<UnresponsiveWork> works = new LinkedBlockingQueue<>();
    private final BlockingQueue<UnresponsiveWork> ends = new LinkedBlockingQueue<>();
    private final Trail trail;

    /** Nothing was told yet. */
    public UnresponsiveEvents(Trail trail) {
        this.trail = trail;
    }

    @Override
    public void ended(RequestEnd end) {
    }

    @Override
    public void unresponsive(UnresponsiveWork work) {
        trail.add("unresponsive");
        works.add(work);
    }

    @Override
    public void unresponsiveEnded(UnresponsiveWork work) {
        trail.add("unresponsive ended");
        ends.add(work);
    }

    /** Waits until it is told of the next. */
    public UnresponsiveWork next() {
        return next(works);
    }

    /** Waits until it is told of the next end. */
    public UnresponsiveWork nextEnd() {
        return next(ends);
    }

    /** How much was told that nobody has asked for. */
    public int left() {
        return works.size() + ends.size();
    }

    private static UnresponsiveWork next(BlockingQueue<UnresponsiveWork> events) {
        try {
            UnresponsiveWork next = events.poll(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("Nothing was told in time");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while waiting to be told", e);
        }
    }
}

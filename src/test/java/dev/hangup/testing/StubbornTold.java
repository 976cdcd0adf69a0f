package dev.hangup.testing;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.StubbornWork;

/** A listener that keeps what it is told of stubborn work, and leaves "stubborn" and "stubborn ended" on a trail. */
public final class StubbornTold implements OutcomeListener {
    private final BlockingQueue<StubbornWork> works = new LinkedBlockingQueue<>();
    private final BlockingQueue<StubbornWork> ends = new LinkedBlockingQueue<>();
    private final Trail trail;

    /** Nothing was told yet. */
    public StubbornTold(Trail trail) {
        this.trail = trail;
    }

    @Override
    public void ended(RequestEnd end) {
    }

    @Override
    public void stubborn(StubbornWork work) {
        trail.add("stubborn");
        works.add(work);
    }

    @Override
    public void stubbornEnded(StubbornWork work) {
        trail.add("stubborn ended");
        ends.add(work);
    }

    /** Waits until it is told of the next. */
    public StubbornWork next() {
        return next(works);
    }

    /** Waits until it is told of the next end. */
    public StubbornWork nextEnd() {
        return next(ends);
    }

    /** How much was told that nobody has asked for. */
    public int left() {
        return works.size() + ends.size();
    }

    private static StubbornWork next(BlockingQueue<StubbornWork> told) {
        try {
            StubbornWork next = told.poll(Patience.TIME.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("Nothing was told in time");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while waiting to be told", e);
        }
    }
}

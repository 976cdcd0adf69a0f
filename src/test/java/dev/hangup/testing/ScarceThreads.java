package dev.hangup.testing;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Virtual threads in a JVM in which no native thread can be started for a while. */
public final class ScarceThreads implements ThreadFactory {
    private final AtomicInteger failures;

    /**
     * @param failures how many threads cannot be started
     */
    public ScarceThreads(int failures) {
        this.failures = new AtomicInteger(failures);
    }

    /** From now on each thread can be started. */
    public void recover() {
        failures.set(0);
    }

    @Override
    public Thread newThread(Runnable work) {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        return Thread.ofVirtual().unstarted(work);
    }
}

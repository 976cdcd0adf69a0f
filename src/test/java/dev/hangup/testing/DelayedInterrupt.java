package dev.hangup.testing;

/** A thread that interrupts the one that has made it, after a while, once. */
public final class DelayedInterrupt {
    private final Thread thread;

    private DelayedInterrupt(Thread thread) {
        this.thread = thread;
    }

    /** Interrupts the calling thread when so much time has passed. */
    public static DelayedInterrupt after(int nanos) {
        Thread caller = Thread.currentThread();
        return new DelayedInterrupt(Thread.ofVirtual().start(() -> {
            spin(nanos);
            caller.interrupt();
        }));
    }

    /** Waits without doing anything useful, on the processor, for times that are too short for a timer. */
    public static void spin(int nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** Waits for the interrupt, if it has not come, and forgets it. Yielding instead would starve what is waited for. */
    public void end() {
        boolean ended = false;
        while (!ended) {
            try {
                thread.join();
                ended = true;
            } catch (InterruptedException e) {
                // that was it
            }
        }
        Thread.interrupted();
    }
}

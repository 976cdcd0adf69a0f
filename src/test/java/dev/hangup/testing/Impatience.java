package dev.hangup.testing;

/** A thread that interrupts the one that has made it, after a while, once. */
public final class Impatience {
    private final Thread thread;

    private Impatience(Thread thread) {
        this.thread = thread;
    }

    /** Interrupts the calling thread when so much time has passed. */
    public static Impatience after(int nanos) {
        Thread impatient = Thread.currentThread();
        return new Impatience(Thread.ofVirtual().start(() -> {
            spin(nanos);
            impatient.interrupt();
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

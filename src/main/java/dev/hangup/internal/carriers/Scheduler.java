package dev.hangup.internal.carriers;

/** The JVM's scheduler of virtual threads. */
interface Scheduler {
    /** The number of carriers that may run virtual threads at a time. */
    int parallelism();

    /** Sets that number. Takes effect with the next virtual thread that is started or unparked. */
    void parallelism(int carriers);

    /** The number of carriers that run a virtual thread or search for one. */
    int mounted();

    /** Whether a virtual thread is mounted on a carrier; false for other threads. */
    boolean isMounted(Thread thread);

    /** The number of virtual threads that wait for a carrier. */
    long queued();

    /** Starts a virtual thread. */
    void start(Runnable task);

    /** Starts a virtual thread in a way that adds a carrier for it, if the parallelism allows one more. */
    void startOnNewCarrier(Runnable task);
}

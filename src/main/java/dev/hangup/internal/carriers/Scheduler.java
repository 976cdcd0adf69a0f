package dev.hangup.internal.carriers;

/** The JVM's scheduler of virtual threads. */
interface Scheduler {
    /** The number of carriers that may run virtual threads at a time. */
    int parallelism();

    /**
     * Sets the number of carriers that may run virtual threads at a time. Takes effect with the next virtual thread that is started
     * or unparked.
     *
     * @throws OutOfMemoryError if no native thread can be started. The number may have been set.
     */
    void parallelism(int carriers);

    /** The number of carriers that run a virtual thread or search for one. */
    int mounted();

    /** Whether a virtual thread is mounted on a carrier; false for other threads. */
    boolean isMounted(Thread thread);

    /** The number of virtual threads that wait for a carrier. */
    long queued();

    /**
     * Starts a virtual thread.
     *
     * @throws OutOfMemoryError if no native thread can be started. The task usually does not run then.
     */
    void start(Runnable task);

    /**
     * Starts a virtual thread in a way that adds a carrier for it, if the parallelism allows one more. The task does not run if
     * no native thread can be started.
     *
     * @throws OutOfMemoryError if that is known before this method returns
     */
    void startOnNewCarrier(Runnable task);
}

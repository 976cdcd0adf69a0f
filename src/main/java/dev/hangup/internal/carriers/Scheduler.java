package dev.hangup.internal.carriers;

/** The JVM's scheduler of virtual threads. */
interface Scheduler {
    /** How many carriers may run virtual threads at a time. */
    int parallelism();

    /** As above. Takes effect with the next virtual thread that is started or unparked. */
    void parallelism(int carriers);

    /** How many carriers run a virtual thread, or look for one to run. */
    int mounted();

    /** How many virtual threads wait for a carrier. */
    long queued();

    /** Starts a virtual thread. */
    void start(Runnable task);

    /** Starts a virtual thread so that a carrier is added for it, if there may be one more. */
    void startOnNewCarrier(Runnable task);
}

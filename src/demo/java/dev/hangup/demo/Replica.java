package dev.hangup.demo;

import java.io.IOException;

/** One of several replicas of the demo, which ends with the process that has started it, however that ends. */
public final class Replica {
    private Replica() {
    }

    /**
     * Starts the demo.
     *
     * @param args passed to the demo
     */
    public static void main(String[] args) {
        Thread.ofPlatform().daemon().name("end-of-launcher").start(Replica::exitWithLauncher);
        Demo.start(args);
    }

    private static void exitWithLauncher() {
        try {
            while (System.in.read() != -1) {
                // the launcher never writes; its end closes the pipe
            }
        } catch (IOException e) {
            // an end as well
        }
        System.exit(0);
    }
}

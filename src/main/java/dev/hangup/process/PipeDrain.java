package dev.hangup.process;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** Reads what a process writes, on a thread of its own, until all who can write have ended. */
final class PipeDrain {
    private static final System.Logger LOGGER = System.getLogger(PipeDrain.class.getName());
    private static final int BUFFER = 16 * 1024;

    private final InputStream from;
    private final Thread thread;

    PipeDrain(InputStream from, Output to) {
        this.from = from;
        thread = Thread.ofPlatform().daemon().name("command-output").unstarted(() -> drain(from, to));
    }

    void start() {
        thread.start();
    }

    /**
     * Waits for the end of what the processes have written that have ended. One that has escaped may go on and hold the pipe:
     * then the thread is left to it, and the rest is dropped.
     *
     * @param end when to give up, as {@link System#nanoTime()} has it
     */
    void close(long end) {
        while (thread.isAlive()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                LOGGER.log(System.Logger.Level.WARNING, "A process that a command has left behind holds its output");
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                // it is not for long
            }
        }
        try {
            from.close();
        } catch (IOException e) {
            // nothing was to be written
        }
    }

    private static void drain(InputStream from, Output to) {
        byte[] buffer = new byte[BUFFER];
        try {
            int length = from.read(buffer);
            while (length != -1 && to.add(buffer, length)) {
                length = from.read(buffer);
            }
        } catch (IOException e) {
            // closed by who did not want to wait any longer
        }
    }
}

package dev.hangup.process;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads the output of a process on a thread of its own, until all writers of the pipe have ended. */
final class PipeDrain {
    private static final System.Logger LOGGER = System.getLogger(PipeDrain.class.getName());
    private static final int BUFFER = 16 * 1024;

    private final InputStream from;
    private final Thread thread;
    /** Why the output could not be kept, as when the heap is full; {@code null} if it could. Written by the reading thread. */
    private volatile Throwable failure;

    /** @param onFailure run once if the output cannot be kept, on the reading thread; must not block */
    PipeDrain(InputStream from, Output to, Runnable onFailure) {
        this.from = from;
        thread = Thread.ofPlatform().daemon().name("command-output").unstarted(() -> {
            try {
                drain(from, to);
            } catch (RuntimeException | Error e) {
                failure = e;
                onFailure.run();
            }
        });
    }

    /** Why the output could not be kept; empty if it could. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    void start() {
        thread.start();
    }

    /**
     * Waits until the output of the ended processes is read. An escaped process may keep the pipe open; the reading thread is
     * then left behind, and the rest is dropped.
     *
     * @param end the {@link System#nanoTime()} at which to give up
     */
    void close(long end) {
        while (thread.isAlive()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                LOGGER.log(System.Logger.Level.WARNING, "A process left behind by a command keeps its output open");
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                // the wait is short
            }
        }
        try {
            from.close();
        } catch (IOException e) {
            // there was no input
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
            // closed by a caller that stopped waiting
        }
    }
}

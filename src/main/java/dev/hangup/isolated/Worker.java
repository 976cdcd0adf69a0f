package dev.hangup.isolated;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

import dev.hangup.internal.race.OffThreadTask;

/** The server's side of a worker. It runs one call at a time. */
final class Worker {
    private static final System.Logger LOGGER = System.getLogger(Worker.class.getName());

    private final Process process;
    private final SocketChannel connection;
    private final DataInputStream input;
    private final int maxBytes;
    /** Cleared by the thread that kills the worker, and by a call that finds it broken. */
    private volatile boolean usable = true;

    Worker(Process process, SocketChannel connection, int maxBytes) {
        this.process = process;
        this.connection = connection;
        this.input = WorkerFrame.input(connection);
        this.maxBytes = maxBytes;
    }

    /** Runs a call, and returns when the task or the process has ended. The calling thread must not be interrupted. */
    byte[] call(String task, byte[] bytes) throws Exception {
        WorkerFrame response;
        Throwable thrown;
        try {
            new WorkerFrame(WorkerFrame.CALL, task, bytes).write(connection);
            response = WorkerFrame.read(input, maxBytes);
            thrown = response.kind() == WorkerFrame.RESULT ? null : ExceptionCodec.read(response.bytes());
        } catch (IOException e) {
            kill();
            throw new WorkerEndedException(process.pid(), awaitEnd(), e);
        } catch (RuntimeException | Error e) {
            // the rest of this response must not be read as the next one
            kill();
            awaitEnd();
            throw e;
        }
        return thrown == null ? response.bytes() : OffThreadTask.rethrow(thrown);
    }

    /** Returns whether the worker can run another call. */
    boolean usable() {
        return usable && process.isAlive();
    }

    /** Kills the process; it ends a moment later. */
    void kill() {
        usable = false;
        WorkerLauncher.kill(process);
    }

    /** Waits until the process has ended, and returns its exit code. */
    int awaitEnd() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            hangUp();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until the process ends, and kills it if it does not end in that time. */
    int end(int seconds) throws InterruptedException {
        hangUp();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            kill();
        }
        return awaitEnd();
    }

    long pid() {
        return process.pid();
    }

    /** Registers an action that runs when the process has ended. */
    void onEnd(Runnable action) {
        process.onExit().thenRun(action);
    }

    /** Closes the connection, which ends a worker that still responds. */
    void hangUp() {
        usable = false;
        try {
            connection.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Could not close a connection", e);
        }
    }
}

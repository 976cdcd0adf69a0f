package dev.hangup.isolated;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** A worker as its server sees it. One call at a time. */
final class Worker {
    private static final System.Logger LOGGER = System.getLogger(Worker.class.getName());

    private final Process process;
    private final SocketChannel connection;
    private final DataInputStream input;
    private final int maxBytes;
    /** Cleared by whoever kills it, and by a call that finds it broken. */
    private volatile boolean usable = true;

    Worker(Process process, SocketChannel connection, int maxBytes) {
        this.process = process;
        this.connection = connection;
        this.input = WorkerFrame.input(connection);
        this.maxBytes = maxBytes;
    }

    /** Returns when the task has ended, or the process has. Not to be interrupted. */
    byte[] call(String task, byte[] bytes) throws Exception {
        WorkerFrame answer;
        Throwable thrown;
        try {
            new WorkerFrame(WorkerFrame.CALL, task, bytes).write(connection);
            answer = WorkerFrame.read(input, maxBytes);
            thrown = answer.kind() == WorkerFrame.RESULT ? null : ExceptionCodec.read(answer.bytes());
        } catch (IOException e) {
            kill();
            throw new WorkerEndedException(process.pid(), awaitEnd(), e);
        } catch (RuntimeException | Error e) {
            // what is left of this answer must not be the next one's
            kill();
            awaitEnd();
            throw e;
        }
        switch (thrown) {
        case null -> {
            return answer.bytes();
        }
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(thrown);
        }
    }

    /** Whether it can be given another call. */
    boolean usable() {
        return usable && process.isAlive();
    }

    /** Kills the process, which takes a moment. */
    void kill() {
        usable = false;
        WorkerLauncher.kill(process);
    }

    /** Returns when the process has ended and nothing of it is left. */
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

    /** Lets it end, and kills it if it has not in that time. */
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

    /** Called when the process has ended. */
    void onEnd(Runnable action) {
        process.onExit().thenRun(action);
    }

    /** Ends the conversation: a worker that is sound ends, too. */
    void hangUp() {
        usable = false;
        try {
            connection.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Could not close a connection", e);
        }
    }
}

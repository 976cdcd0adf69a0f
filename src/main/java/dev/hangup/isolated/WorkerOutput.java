package dev.hangup.isolated;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import dev.hangup.internal.text.Printable;

/**
 * Copies the output of a worker to the server's log. Long lines are cut, and the rate of lines is bounded. All output is read,
 * so that a worker never blocks on it.
 */
final class WorkerOutput implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(WorkerOutput.class.getName());
    private static final int MAX_LINE_LENGTH = 500;
    private static final int MAX_LINES = 100;
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long pid;
    private final InputStream output;
    /** Set before the thread is started. */
    private Thread thread;
    /** Read by the thread that reports why the worker ended. */
    private volatile String firstLine;
    /** The remaining fields are owned by the thread. */
    private final byte[] line = new byte[MAX_LINE_LENGTH];
    private int length;
    private long periodStart = System.nanoTime();
    private int lines;
    private long dropped;

    private WorkerOutput(Process worker) {
        this.pid = worker.pid();
        this.output = worker.getInputStream();
    }

    static WorkerOutput drain(Process worker, ThreadFactory threads) {
        WorkerOutput drain = new WorkerOutput(worker);
        drain.thread = threads.newThread(drain);
        drain.thread.setName("hangup-isolated-output-" + drain.pid);
        drain.thread.start();
        return drain;
    }

    /** Returns the first line of a worker that has ended; {@code null} if it printed nothing. */
    String firstLine() throws InterruptedException {
        // the output ends with the worker, or with the processes that it has started
        thread.join(TimeUnit.SECONDS.toMillis(1));
        return firstLine;
    }

    @Override
    public void run() {
        byte[] bytes = new byte[8192];
        try (output) {
            for (int n = output.read(bytes); n >= 0; n = output.read(bytes)) {
                for (int i = 0; i < n; i++) {
                    take(bytes[i]);
                }
            }
        } catch (IOException e) {
            // closed, since the worker was killed
        }
        endLine();
        logDropped();
    }

    private void take(byte b) {
        if (b == '\n') {
            endLine();
        } else if (length < MAX_LINE_LENGTH) {
            line[length++] = b;
        }
    }

    private void endLine() {
        if (length == 0) {
            return;
        }
        String text = Printable.line(new String(line, 0, length, StandardCharsets.UTF_8).strip());
        length = 0;
        if (firstLine == null) {
            firstLine = text;
        }
        if (System.nanoTime() - periodStart > PERIOD_NANOS) {
            logDropped();
            periodStart = System.nanoTime();
            lines = 0;
        }
        if (lines++ < MAX_LINES) {
            LOGGER.log(System.Logger.Level.INFO, "Worker " + pid + ": " + text);
        } else {
            dropped++;
        }
    }

    private void logDropped() {
        if (dropped > 0) {
            LOGGER.log(System.Logger.Level.WARNING, "Worker " + pid + ": " + dropped + " more lines were dropped");
            dropped = 0;
        }
    }
}

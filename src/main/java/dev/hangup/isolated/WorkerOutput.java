package dev.hangup.isolated;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import dev.hangup.internal.text.Printable;

/**
 * What a worker prints, in the server's log: lines that are cut, and only so many of them in a while. All of it is read, so
 * that a worker never waits for its output.
 */
final class WorkerOutput implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(WorkerOutput.class.getName());
    private static final int MAX_LINE = 500;
    private static final int LINES = 100;
    private static final long WHILE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long pid;
    private final InputStream output;
    /** Set before it is started. */
    private Thread thread;
    /** Read by who wonders why the worker ended. */
    private volatile String firstLine;
    /** The rest is the thread's own. */
    private final byte[] line = new byte[MAX_LINE];
    private int length;
    private long whileBegan = System.nanoTime();
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

    /** The first line of a worker that has ended; {@code null} if it said nothing. */
    String firstLine() throws InterruptedException {
        // it ends with the worker, or when what the worker started does
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
        } else if (length < MAX_LINE) {
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
        if (System.nanoTime() - whileBegan > WHILE_NANOS) {
            logDropped();
            whileBegan = System.nanoTime();
            lines = 0;
        }
        if (lines++ < LINES) {
            LOGGER.log(System.Logger.Level.INFO, "Worker " + pid + ": " + text);
        } else {
            dropped++;
        }
    }

    private void logDropped() {
        if (dropped > 0) {
            LOGGER.log(System.Logger.Level.WARNING, "Worker " + pid + ": " + dropped + " more lines, dropped");
            dropped = 0;
        }
    }
}

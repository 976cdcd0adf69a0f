package dev.hangup.isolated;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import dev.hangup.internal.time.Timer;

/** Starts workers, and tracks each process until it has ended. */
final class WorkerLauncher implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(WorkerLauncher.class.getName());
    private static final int TRAINING_SECONDS = 30;
    private static final Duration KILL_AGAIN_AFTER = Duration.ofMillis(100);

    private final WorkerCommand command;
    private final int maxBytes;
    private final Duration timeout;
    private final boolean archives;
    private final ThreadFactory outputs;
    /** On Linux, a worker's parent is the thread that started it; this thread lives until all workers have ended. */
    private final ExecutorService spawner = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("hangup-isolated-spawn").factory());
    private final Set<Process> processes = ConcurrentHashMap.newKeySet();

    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock, as are additions to the processes; {@code null} before the first start. */
    private WorkerFiles files;
    private boolean closed;

    WorkerLauncher(IsolatedConfig config) {
        this(config, Thread.ofPlatform().daemon().factory());
    }

    /** Creates a launcher; {@code outputs} makes the threads that read the workers' output. */
    WorkerLauncher(IsolatedConfig config, ThreadFactory outputs) {
        this.command = new WorkerCommand(config.heap(), config.startTimeout(), config.options());
        this.maxBytes = config.maxBytes();
        this.timeout = config.startTimeout();
        this.archives = config.archive();
        this.outputs = outputs;
    }

    /**
     * Starts a worker, and returns when it is ready for calls.
     *
     * @throws IOException if the worker cannot be started; the message gives the reason
     */
    Worker start() throws IOException, InterruptedException {
        return start(it -> command.worker(it.jar, it.archive()));
    }

    /** Kills all processes, and returns when they have ended. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            processes.forEach(WorkerLauncher::kill);
            processes.forEach(it -> it.onExit().join());
            spawner.shutdown();
            if (files != null) {
                files.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private Worker start(Function<WorkerFiles, ProcessBuilder> how) throws IOException, InterruptedException {
        byte[] token = WorkerSocket.token();
        WorkerSocket socket;
        CompletableFuture<SocketChannel> connection;
        Process process;
        lock.lock();
        try {
            ensureFiles();
            socket = files.socket;
            connection = socket.expect(token);
            process = spawn(how.apply(files), connection);
        } finally {
            lock.unlock();
        }
        try {
            return awaitReady(process, token, socket, connection);
        } catch (Throwable e) {
            connection.cancel(false);
            // the worker may have connected at this moment
            connection.thenAccept(WorkerSocket::closeQuietly);
            kill(process);
            throw e;
        }
    }

    private Worker awaitReady(Process process, byte[] token, WorkerSocket socket, CompletableFuture<SocketChannel> connection)
            throws IOException, InterruptedException {
        process.onExit().thenRun(() -> {
            processes.remove(process);
            connection.completeExceptionally(new IOException("it ended with exit code " + process.exitValue()));
        });
        WorkerOutput output = WorkerOutput.drain(process, outputs);
        try {
            greet(process, token, socket);
            Worker worker = new Worker(process, connection.get(timeout.toNanos(), TimeUnit.NANOSECONDS), maxBytes);
            // processes that a task has started may keep the other end of the connection open
            worker.onEnd(worker::hangUp);
            return worker;
        } catch (TimeoutException e) {
            throw failure("it was not ready after " + timeout, process, output);
        } catch (ExecutionException e) {
            throw failure(e.getCause().getMessage(), process, output);
        } catch (IOException e) {
            throw failure(e.getMessage(), process, output);
        }
    }

    private void ensureFiles() throws IOException {
        if (closed) {
            throw new IOException("the launcher is closed");
        }
        if (files != null && !files.intact()) {
            files.close();
            files = null;
        }
        if (files == null) {
            WorkerFiles opened = WorkerFiles.open();
            files = opened;
            if (archives) {
                Thread.ofVirtual().name("hangup-isolated-training").start(() -> train(opened));
            }
        }
    }

    private Process spawn(ProcessBuilder builder, CompletableFuture<SocketChannel> connection)
            throws IOException, InterruptedException {
        boolean spawned = false;
        try {
            Process process = spawner.submit(() -> {
                Process started = builder.start();
                processes.add(started);
                return started;
            }).get();
            spawned = true;
            return process;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } finally {
            if (!spawned) {
                connection.cancel(false);
            }
        }
    }

    /**
     * Kills the process by its handle, so that its last output can still be read; {@code Process.destroy} would close the
     * streams. Tries again later if that is not possible now: on Linux, the JDK needs a file descriptor for it.
     */
    static void kill(Process process) {
        if (!process.toHandle().destroyForcibly() && process.isAlive()) {
            Timer.after(KILL_AGAIN_AFTER, () -> kill(process));
        }
    }

    private void greet(Process process, byte[] token, WorkerSocket socket) throws IOException {
        // stays open: its end would end the worker
        DataOutputStream orders = new DataOutputStream(process.getOutputStream());
        orders.write(token);
        orders.writeUTF(socket.path.toString());
        orders.writeLong(ProcessHandle.current().pid());
        orders.writeInt(maxBytes);
        orders.flush();
    }

    /** Returns the failure; the worker's own output, if any, gives the better reason. */
    private static IOException failure(String reason, Process process, WorkerOutput output) throws InterruptedException {
        kill(process);
        process.waitFor();
        String firstLine = output.firstLine();
        return new IOException(firstLine == null ? reason : reason + ": " + firstLine);
    }

    private void train(WorkerFiles on) {
        try {
            Worker worker = start(it -> command.training(it.jar, it.archiveFile()));
            try {
                worker.call(CdsTraining.class.getName(), new byte[1]);
                try {
                    worker.call(CdsTraining.class.getName(), new byte[0]);
                } catch (IllegalArgumentException e) {
                    // expected: the training run throws
                }
                if (worker.end(TRAINING_SECONDS) == 0) {
                    on.archived();
                }
            } finally {
                worker.kill();
            }
        } catch (Exception e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Workers start without an archive of their classes", e);
        }
    }
}

package dev.hangup.process;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.helidon.Main;
import io.helidon.common.Weighted;
import io.helidon.spi.HelidonShutdownHandler;

/**
 * The commands of this JVM, which must not outlive it. Helidon's servers stop first when the JVM exits, and with them the
 * requests that run commands; what is left then is ended here, or the JVM would be gone before the grace of those has passed.
 */
final class RunningCommands implements HelidonShutdownHandler, Weighted {
    private static final RunningCommands ALL = new RunningCommands();

    static {
        Main.addShutdownHandler(ALL);
    }

    /** Each is ending, or will, once it is interrupted. */
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private RunningCommands() {
    }

    /**
     * Called by a thread before it starts a command.
     *
     * @return to be closed when nothing of the command is left
     * @throws InterruptedException if the JVM exits
     */
    static Place enter() throws InterruptedException {
        Thread thread = Thread.currentThread();
        ALL.threads.add(thread);
        // after it was added: so either this sees that all is over, or the shutdown sees the thread
        if (ALL.closed) {
            ALL.threads.remove(thread);
            throw new InterruptedException("The JVM exits");
        }
        return () -> ALL.threads.remove(thread);
    }

    @Override
    public void shutdown() {
        closed = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Lower than that of anything that might run commands. */
    @Override
    public double weight() {
        return 0.1;
    }

    /** Of a thread that runs a command. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }
}

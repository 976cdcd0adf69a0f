package dev.hangup.process;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.helidon.Main;
import io.helidon.common.Weighted;
import io.helidon.spi.HelidonShutdownHandler;

/**
 * The running commands of this JVM, which must not outlive it. When the JVM exits, Helidon's servers stop first, and with them
 * the requests that run commands. The remaining commands are ended here; otherwise the JVM would be gone before their grace
 * period has passed.
 * <p>
 * Helidon registers no handler while its handlers run, but blocks until they have ended ({@code Main.addShutdownHandler} of 4.5.0).
 * No command waits for that: another thread registers this handler when the first command begins. If the first command begins while
 * the JVM exits, this handler does not end commands. Each is then ended only by its caller.
 */
final class RunningCommands implements HelidonShutdownHandler, Weighted {
    private static final RunningCommands ALL = new RunningCommands();
    /** Enough, unless the JVM is exiting. */
    private static final Duration REGISTERED_WITHIN = Duration.ofSeconds(1);

    /** The threads that run commands. Each ends its command once it is interrupted. */
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    /** Settles the race between first commands: one registers this handler. */
    private final AtomicBoolean registered = new AtomicBoolean();

    private RunningCommands() {
    }

    private void register() {
        if (!registered.compareAndSet(false, true)) {
            return;
        }
        try {
            Thread.ofPlatform()
                    .daemon()
                    .name("command-registration")
                    .start(() -> Main.addShutdownHandler(this))
                    .join(REGISTERED_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // there is no thread now; the next command tries again
            registered.set(false);
            throw e;
        }
    }

    /**
     * Registers the calling thread before it starts a command.
     *
     * @throws InterruptedException if the JVM is exiting; the thread is not registered
     */
    static void enter() throws InterruptedException {
        ALL.register();
        Thread thread = Thread.currentThread();
        ALL.threads.add(thread);
        // checked after the thread was added, so that either this check sees the shutdown or the shutdown sees the thread
        if (ALL.closed) {
            ALL.threads.remove(thread);
            throw new InterruptedException("The JVM is shutting down");
        }
    }

    /** Ends the registration of the calling thread, when none of the command's processes is left. */
    static void leave() {
        ALL.threads.remove(Thread.currentThread());
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

    /** Lower than the weight of anything that might run commands. */
    @Override
    public double weight() {
        return 0.1;
    }
}

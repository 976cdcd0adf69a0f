package dev.hangup.internal.server;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.hangup.internal.text.SafeLog;
import dev.hangup.internal.time.Timer;

/**
 * Notices that a listener has ended by itself, so that the process lives on and accepts no connections.
 * <p>
 * Helidon 4.5.0 ends a listener for good when it cannot accept a connection ({@code ServerListener.listen}), and notifies nobody.
 * The thread that accepts connections is in {@code ServerListener.stop} then, where it waits for its own end; if the listener is
 * stopped by somebody else, that thread ends. So its state is checked from time to time, and, if it waits, its stack.
 * <p>
 * If the thread cannot log that end, or runs out of memory, it dies and leaves its server socket open: clients wait in the
 * backlog, and a stop waits for the listener for ever. So a listener whose thread ends with an uncaught exception is lost, too.
 * <p>
 * The thread is found by its name, which the threads of other servers of the JVM may have, too. Helidon creates it when it creates
 * the server, after the features are set up, and the JDK numbers threads in the order of their creation. So of the
 * threads with that name, it is the first that was created after this object and is not watched for another server. Only servers
 * that are created at the same time may be confused.
 */
final class ListenerWatch {
    /** The exit code of a process that ends because it has lost a listener: EX_OSERR of {@code sysexits.h}. */
    static final int EXIT_CODE = 71;

    private static final SafeLog LOGGER = new SafeLog("dev.hangup");
    private static final Duration PERIOD = Duration.ofSeconds(2);
    /** How often a lost listener is looked at until its connections are closed. */
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    private static final String LISTENER = "io.helidon.webserver.ServerListener";
    /** Before and after the name of a socket in the name of its thread. */
    private static final String PREFIX = "server-";
    private static final String SUFFIX = "-listener";
    /** The threads that are watched for some server of this JVM, since listeners of several servers may have the same name. */
    private static final Set<Thread> WATCHED = ConcurrentHashMap.newKeySet();

    private final Function<String, Runnable> lost;
    private final UnaryOperator<String> description;
    private final boolean exits;
    /** The number of a thread that was created before those of the server. */
    private final long before = new Thread().threadId();
    /** The threads that accept connections, by the names of their sockets. Guarded by this. */
    private final Map<String, Listener> threads = new HashMap<>();
    /** The sockets that have other threads since the JVM was restored from a snapshot. Guarded by this. */
    private final Set<String> restored = new HashSet<>();
    /** The next look; {@code null} while there is no thread. Guarded by this. */
    private Future<?> next;

    /**
     * Watches no listener yet.
     *
     * @param lost        called with the name of the socket, once for each listener that has ended by itself; returns an action
     *                    that is run once the connections of the socket are closed, which takes as long as the grace period allows
     * @param description describes a socket, given its name
     * @param exits       whether the process ends then
     */
    ListenerWatch(Function<String, Runnable> lost, UnaryOperator<String> description, boolean exits) {
        this.lost = lost;
        this.description = description;
        this.exits = exits;
    }

    /** Whether a thread is that of a listener, of any server, including one that has stopped accepting connections. */
    static boolean isListener(Thread thread) {
        return thread.getName().startsWith(PREFIX) && thread.getName().endsWith(SUFFIX);
    }

    /** Called when a socket has started. */
    synchronized void started(String socket) {
        find(socket).ifPresentOrElse(it -> threads.put(socket, new Listener(it)), () -> LOGGER.log(
                System.Logger.Level.DEBUG, "The thread of socket " + socket + " was not found, and is not watched", null));
        if (next == null && !threads.isEmpty()) {
            next = Timer.after(PERIOD, this::look);
        }
    }

    /** Called when a socket has been stopped. */
    synchronized void stopped(String socket) {
        forget(socket);
    }

    /** Called when the JVM was restored from a snapshot, perhaps before its listeners accept connections. */
    synchronized void restored() {
        restored.addAll(threads.keySet());
    }

    synchronized void look() {
        if (threads.isEmpty()) {
            return;
        }
        // first, since the rest may fail in a process without descriptors
        next = Timer.after(PERIOD, this::look);
        Set.copyOf(restored).forEach(this::replace);
        Map.copyOf(threads).forEach((socket, listener) -> {
            if (listener.died || hasEnded(listener.thread)) {
                // not on the timer's thread, since a log may block
                Thread.ofPlatform().name("hangup-listener-ended").start(() -> ended(socket, listener));
                forget(socket);
            }
        });
    }

    /** Once a socket of a restored JVM has a new thread, watches that one in place of the old one, which has ended. */
    private void replace(String socket) {
        Thread ended = threads.get(socket).thread;
        if (!ended.isAlive()) {
            find(socket).ifPresent(it -> {
                threads.put(socket, new Listener(it));
                WATCHED.remove(ended);
                restored.remove(socket);
            });
        }
    }

    private void forget(String socket) {
        restored.remove(socket);
        Listener listener = threads.remove(socket);
        if (listener != null) {
            WATCHED.remove(listener.thread);
        }
        if (threads.isEmpty() && next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private void ended(String socket, Listener listener) {
        Runnable whenClosed;
        try {
            whenClosed = lost.apply(socket);
            LOGGER.log(System.Logger.Level.ERROR, description.apply(socket) + " has ended by itself and accepts no more"
                    + " connections, perhaps because there was no file descriptor for the next one. Set max-tcp-connections. "
                    + (exits ? "This process ends with exit code " + EXIT_CODE : "Replace this process"), null);
        } finally {
            // even if the rest has failed in a process without descriptors
            if (exits) {
                exit(listener);
            }
        }
        if (listener.died) {
            // a dead thread closes no connections, so there is nothing to wait for
            return;
        }
        while (!hasClosed(listener.thread)) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        whenClosed.run();
    }

    /** Ends the process. Helidon's shutdown handler waits for ever if the listener is dead ({@code ServerListener.suspend}). */
    private void exit(Listener listener) {
        if (listener.died) {
            haltLater(Set.of());
        }
        System.exit(EXIT_CODE);
    }

    /**
     * Halts the JVM once a thread waits for the end of the dead listener at two looks in turn. The end of any other listener takes
     * no time.
     */
    private static void haltLater(Set<Thread> waiting) {
        Timer.after(PERIOD, () -> {
            Set<Thread> stillWaiting = waiting;
            try {
                stillWaiting = waitingForListeners();
                if (stillWaiting.stream().anyMatch(waiting::contains)) {
                    Runtime.getRuntime().halt(EXIT_CODE);
                }
            } finally {
                // the heap may be exhausted, which is what the listener has died of
                haltLater(stillWaiting);
            }
        });
    }

    private static Set<Thread> waitingForListeners() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(it -> !isListener(it.getKey()) && isJoin(it.getValue()) && isIn("suspend", it.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Whether the thread of a lost listener has closed all connections: it waits for its own end then. */
    private static boolean hasClosed(Thread thread) {
        return !thread.isAlive() || isJoin(thread.getStackTrace());
    }

    private static boolean isJoin(StackTraceElement[] stack) {
        return Stream.of(stack)
                .anyMatch(it -> it.getClassName().equals(CompletableFuture.class.getName()) && it.getMethodName().equals("join"));
    }

    private static boolean isIn(String method, StackTraceElement[] stack) {
        return Stream.of(stack).anyMatch(it -> it.getClassName().equals(LISTENER) && it.getMethodName().equals(method));
    }

    private static boolean hasEnded(Thread thread) {
        return switch (thread.getState()) {
            // in accept(), or stopped by somebody else
            case NEW, RUNNABLE, TERMINATED -> false;
            case BLOCKED, WAITING, TIMED_WAITING -> isIn("stop", thread.getStackTrace());
        };
    }

    /** The thread that accepts the connections of a socket, unless it is watched for another server or has ended before. */
    private Optional<Thread> find(String socket) {
        ThreadGroup all = Thread.currentThread().getThreadGroup();
        while (all.getParent() != null) {
            all = all.getParent();
        }
        Thread[] threads = new Thread[2 * all.activeCount() + 16];
        int count = all.enumerate(threads);
        return Stream.of(threads)
                .limit(count)
                .filter(it -> it.getName().equals(PREFIX + socket + SUFFIX) && it.threadId() > before && !hasEnded(it))
                .sorted(Comparator.comparingLong(Thread::threadId))
                // settles the race between servers that start at the same time
                .filter(WATCHED::add)
                .findFirst();
    }

    /** A thread that accepts connections, and how it ends. */
    private static final class Listener implements Thread.UncaughtExceptionHandler {
        private final Thread thread;
        private final Thread.UncaughtExceptionHandler handler;
        /** Whether the thread has died. Written by that thread. */
        private volatile boolean died;

        private Listener(Thread thread) {
            this.thread = thread;
            // null if the thread has ended
            this.handler = thread.getUncaughtExceptionHandler();
            thread.setUncaughtExceptionHandler(this);
        }

        @Override
        public void uncaughtException(Thread thread, Throwable thrown) {
            died = true;
            if (handler != null) {
                handler.uncaughtException(thread, thrown);
            }
        }
    }
}

package dev.hangup.internal.server;

import java.time.Duration;
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
 * The thread is found by its name, which the threads of other servers of the JVM may have, too. Those that were there before the
 * start of the socket are not taken for it.
 */
final class ListenerWatch {
    /** The exit code of a process that ends because it has lost a listener: EX_OSERR of {@code sysexits.h}. */
    static final int EXIT_CODE = 71;

    private static final SafeLog LOGGER = new SafeLog("dev.hangup");
    private static final Duration PERIOD = Duration.ofSeconds(2);
    /** How often a lost listener is looked at until its connections are closed. */
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    private static final String LISTENER = "io.helidon.webserver.ServerListener";
    /** The threads that are watched for some server of this JVM, since listeners of several servers may have the same name. */
    private static final Set<Thread> WATCHED = ConcurrentHashMap.newKeySet();

    private final Function<String, Runnable> lost;
    private final boolean exits;
    /** The threads that accept connections, by the names of their sockets. Guarded by this. */
    private final Map<String, Thread> threads = new HashMap<>();
    /** The threads of other servers with the name of a socket's thread, until that socket has started. Guarded by this. */
    private final Map<String, Set<Thread>> others = new HashMap<>();
    /** The sockets that have other threads since the JVM was restored from a snapshot. Guarded by this. */
    private final Set<String> restored = new HashSet<>();
    /** The next look; {@code null} while there is no thread. Guarded by this. */
    private Future<?> next;

    /**
     * Watches no listener yet.
     *
     * @param lost  called with the name of the socket, once for each listener that has ended by itself; returns an action that
     *              is run once the connections of the socket are closed, which takes as long as the grace period allows
     * @param exits whether the process ends then
     */
    ListenerWatch(Function<String, Runnable> lost, boolean exits) {
        this.lost = lost;
        this.exits = exits;
    }

    /** Called when a socket is about to start, perhaps once more when another one is that shares its routing. */
    synchronized void starting(String socket) {
        others.computeIfAbsent(socket, it -> named(it).collect(Collectors.toSet()));
    }

    /** Called when a socket has started. */
    synchronized void started(String socket) {
        Set<Thread> before = others.getOrDefault(socket, Set.of());
        others.remove(socket);
        find(socket, before).ifPresentOrElse(it -> threads.put(socket, it), () -> LOGGER.log(
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
        for (Map.Entry<String, Thread> each : Map.copyOf(threads).entrySet()) {
            if (hasEnded(each.getValue())) {
                // not on the timer's thread, since a log may block
                Thread.ofPlatform().name("hangup-listener-ended").start(() -> ended(each.getKey(), each.getValue()));
                forget(each.getKey());
            }
        }
    }

    private void replace(String socket) {
        Thread ended = threads.get(socket);
        if (!ended.isAlive()) {
            find(socket, Set.of()).ifPresent(it -> {
                threads.put(socket, it);
                WATCHED.remove(ended);
                restored.remove(socket);
            });
        }
    }

    private void forget(String socket) {
        restored.remove(socket);
        Thread thread = threads.remove(socket);
        if (thread != null) {
            WATCHED.remove(thread);
        }
        if (threads.isEmpty() && next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private void ended(String socket, Thread listener) {
        Runnable whenClosed;
        try {
            whenClosed = lost.apply(socket);
            LOGGER.log(System.Logger.Level.ERROR, "Socket " + socket + " has ended by itself and accepts no more connections,"
                    + " perhaps because there was no file descriptor for the next one. Set max-tcp-connections. "
                    + (exits ? "This process ends with exit code " + EXIT_CODE : "Replace this process"), null);
        } finally {
            // even if the rest has failed in a process without descriptors
            if (exits) {
                System.exit(EXIT_CODE);
            }
        }
        while (!hasClosed(listener)) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        whenClosed.run();
    }

    /** Whether the thread of a lost listener has closed all connections: it waits for its own end then. */
    private static boolean hasClosed(Thread thread) {
        return !thread.isAlive() || Stream.of(thread.getStackTrace())
                .anyMatch(it -> it.getClassName().equals(CompletableFuture.class.getName()) && it.getMethodName().equals("join"));
    }

    private static boolean hasEnded(Thread thread) {
        return switch (thread.getState()) {
            // in accept(), or no longer there
            case NEW, RUNNABLE, TERMINATED -> false;
            case BLOCKED, WAITING, TIMED_WAITING -> Stream.of(thread.getStackTrace())
                    .anyMatch(it -> it.getClassName().equals(LISTENER) && it.getMethodName().equals("stop"));
        };
    }

    /** The thread that accepts the connections of a socket, unless it is watched for another server or has ended before. */
    private static Optional<Thread> find(String socket, Set<Thread> others) {
        return named(socket)
                .filter(it -> !others.contains(it) && !hasEnded(it))
                // settles the race between servers that start at the same time
                .filter(WATCHED::add)
                .findFirst();
    }

    /** The threads that have the name of a socket's thread. */
    private static Stream<Thread> named(String socket) {
        ThreadGroup all = Thread.currentThread().getThreadGroup();
        while (all.getParent() != null) {
            all = all.getParent();
        }
        Thread[] threads = new Thread[2 * all.activeCount() + 16];
        int count = all.enumerate(threads);
        return Stream.of(threads).limit(count).filter(it -> it.getName().equals("server-" + socket + "-listener"));
    }
}

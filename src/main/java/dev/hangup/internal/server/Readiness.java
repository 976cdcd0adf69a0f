package dev.hangup.internal.server;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

import io.helidon.common.resumable.Resumable;
import io.helidon.common.resumable.ResumableSupport;
import io.helidon.webserver.WebServer;

/**
 * Knows whether a server accepts requests, or has begun to stop or lost a listener.
 * <p>
 * When the JVM begins to shut down, {@link ShutdownDelay} makes its servers unready before any socket stops. In all other cases,
 * Helidon does not notify anyone before a server stops. It stops one socket after the other, and first closes the connections of
 * each socket. So the first connection that is closed during shutdown, or the first socket without connections that has stopped,
 * reveals the shutdown. Health checks on the other sockets still work after that.
 */
final class Readiness {
    private static final System.Logger LOGGER = System.getLogger(Readiness.class.getName());
    private static final String STOPPING = "The server is stopping";
    /**
     * The servers that are stopping or have lost a listener, and some that have stopped. Static, because health checks are
     * created without a reference to a server.
     */
    private static final Set<Readiness> UNREADY = ConcurrentHashMap.newKeySet();

    private final Runnable restored;
    /** Set once, by the first socket of the server that starts. */
    private final AtomicReference<WebServer> server = new AtomicReference<>();
    /** Keeps the registered object reachable, since the registry may hold it weakly. Set by the thread that sets the server. */
    private Object snapshot;
    /** Why the server is not ready, if it is not. Written by any thread. */
    private volatile String reason = STOPPING;
    /** Written by any thread. */
    private volatile boolean ending;

    /**
     * @param restored run when the JVM is restored from a snapshot; returns at once
     */
    Readiness(Runnable restored) {
        this.restored = restored;
    }

    /**
     * Returns why a server of this JVM does not accept requests: from the stop of its first socket, or from the end of a listener,
     * to the stop of its last; empty if all of them do.
     */
    static Optional<String> reason() {
        UNREADY.removeIf(it -> !it.server.get().isRunning());
        return UNREADY.stream().map(it -> it.reason).findFirst();
    }

    /** Called when a socket of the server has started. */
    void started(WebServer server) {
        if (this.server.compareAndSet(null, server)) {
            try {
                snapshot = Snapshot.registeredFor(this);
            } catch (IllegalAccessError e) {
                // Helidon exports the package only to its own modules (4.5.0, io.helidon.common.resumable). On the module path, a
                // restored JVM stays as unready as it was when suspended, unless the command line exports the package.
                LOGGER.log(System.Logger.Level.DEBUG, "A restore from a snapshot of this JVM will not be noticed", e);
            }
        }
    }

    /** Called when the JVM has begun to shut down, while the server still serves; returns whether it was ready until then. */
    boolean ending() {
        boolean ready = !UNREADY.contains(this);
        ending = true;
        stopping();
        return ready;
    }

    /** Called when the server stops or is suspended, or is about to; may be called repeatedly. */
    void stopping() {
        // otherwise the server has failed to start
        if (server.get() != null) {
            UNREADY.removeIf(it -> !it.server.get().isRunning());
            UNREADY.add(this);
        }
    }

    /** Whether the JVM has begun to shut down, so that clients should connect elsewhere. */
    boolean isEnding() {
        return ending;
    }

    /** Called when the listener of a socket has ended by itself. */
    void ended(String socket) {
        reason = "Socket " + socket + " accepts no more connections";
        stopping();
    }

    void resumed() {
        UNREADY.remove(this);
        reason = STOPPING;
        restored.run();
    }

    /** Notified when the JVM is restored from a snapshot, in which the server is in its state before the suspension. */
    private record Snapshot(Readiness readiness) implements Resumable {
        static Object registeredFor(Readiness readiness) {
            Snapshot snapshot = new Snapshot(readiness);
            ResumableSupport.get().register(snapshot);
            return snapshot;
        }

        @Override
        public void suspend() {
        }

        @Override
        public void resume() {
            readiness.resumed();
        }
    }
}

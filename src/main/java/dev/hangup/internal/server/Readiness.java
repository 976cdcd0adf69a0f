package dev.hangup.internal.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

import io.helidon.common.resumable.Resumable;
import io.helidon.common.resumable.ResumableSupport;
import io.helidon.webserver.WebServer;

/**
 * Whether a server takes requests, or has begun to stop.
 * <p>
 * Helidon tells nobody that a server is about to stop. It stops one socket after the other, and closes those of its
 * connections first; so the first connection that is closed for that, or the first socket that has stopped because it had
 * none, shows it. From then on other sockets may still be asked.
 */
public final class Readiness {
    private static final System.Logger LOGGER = System.getLogger(Readiness.class.getName());
    /** Those that stop, and some that have stopped. Health checks are found without knowing whose they are. */
    private static final Set<Readiness> STOPPING = ConcurrentHashMap.newKeySet();

    /** Set once, by whichever socket of the server has started first. */
    private final AtomicReference<WebServer> server = new AtomicReference<>();
    /** Kept here, since who takes the snapshot may hold it weakly. Set by whoever sets the server. */
    private Object snapshot;

    /**
     * Whether no server of this JVM stops.
     *
     * @return false from the first socket's stop to the last one's
     */
    static boolean all() {
        STOPPING.removeIf(it -> !it.server.get().isRunning());
        return STOPPING.isEmpty();
    }

    /**
     * A socket of the server has started.
     *
     * @param server the same each time
     */
    public void started(WebServer server) {
        if (this.server.compareAndSet(null, server)) {
            try {
                snapshot = Snapshot.registeredFor(this);
            } catch (IllegalAccessError e) {
                // Helidon exports the package to its own modules only (4.5.0, io.helidon.common.resumable). On the module path a
                // JVM that is restored stays as unready as it was when it was suspended, unless the command line exports it.
                LOGGER.log(System.Logger.Level.DEBUG, "A restore from a snapshot of this JVM will not be noticed", e);
            }
        }
    }

    /** The server stops, or is suspended. It may say so often. */
    public void stopping() {
        // without one it has failed to start
        if (server.get() != null) {
            STOPPING.removeIf(it -> !it.server.get().isRunning());
            STOPPING.add(this);
        }
    }

    void resumed() {
        STOPPING.remove(this);
    }

    /** The JVM is restored from a snapshot, with the server as it was before it was suspended. */
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

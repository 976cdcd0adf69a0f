package dev.hangup.internal.server;

import java.util.Collection;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import dev.hangup.HangupConfig;
import dev.hangup.internal.cluster.InternalListener;
import dev.hangup.internal.connection.Descriptors;
import dev.hangup.internal.text.SafeLog;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;

/** Logs the start of a server, once for all of its sockets. */
final class StartLog {
    private static final SafeLog LOGGER = new SafeLog("dev.hangup");

    private final HangupConfig config;
    /** The configurations of the sockets that Hangup is active on, by name. */
    private final TreeMap<String, ListenerConfig> listeners = new TreeMap<>();
    private final AtomicBoolean logged = new AtomicBoolean();

    StartLog(HangupConfig config) {
        this.config = config;
    }

    /** Adds a socket; called before the server has started. */
    void add(String socket, ListenerConfig listener) {
        listeners.put(socket, listener);
    }

    /** Called when a socket has started. */
    void started() {
        if (logged.getAndSet(true) || config.name().equals(InternalListener.NAME)) {
            return;
        }
        LOGGER.log(System.Logger.Level.INFO, "Hangup is active on " + String.join(", ", listeners.keySet()) + ": deadline "
                + config.deadline() + ", clients that leave are " + (config.watch() ? "noticed" : "not noticed"), null);
        String unsafe = Paths.unsafeMethods(config.paths());
        if (!unsafe.isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "paths cancel the work of unsafe methods, too: " + unsafe
                    + ". Set exclude-methods or exclude-paths where a client may leave before its work is done", null);
        }
        Set<String> unbounded = listeners.entrySet().stream()
                .filter(it -> it.getValue().maxTcpConnections() < 0)
                .map(it -> it.getKey())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!unbounded.isEmpty()) {
            Descriptors.ofProcess().filter(Descriptors::canBeExhaustedByOneClient).ifPresent(it -> warn(it, unbounded));
        }
    }

    private static void warn(Descriptors descriptors, Collection<String> unbounded) {
        String keys = unbounded.stream()
                .map(it -> WebServer.DEFAULT_SOCKET_NAME.equals(it) ? "server" : "server.sockets (" + it + ")")
                .map(it -> it + ".max-tcp-connections: " + descriptors.connections(unbounded.size()))
                .collect(Collectors.joining(", "));
        LOGGER.warning("max-tcp-connections is not set, and clients may take all of the "
                + descriptors.max() + " file descriptors of this process, which ends a listener for good. Set " + keys
                + ", or raise the limit of the process", null);
    }
}

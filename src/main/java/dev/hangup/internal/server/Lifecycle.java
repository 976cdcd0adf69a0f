package dev.hangup.internal.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.hangup.HangupConfig;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.text.SafeLog;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;

/**
 * The life of one server, from the start of its first socket to the stop of its last.
 * <p>
 * Helidon notifies the sockets of a start one after the other, once all of them accept connections. They also stop one after the
 * other, or at the same time if the server has failed to start. Steps that take time, or that end something that the other sockets
 * still need, are left to the last socket. That may be one whose listener has ended by itself: Helidon does not notify anyone that
 * it has stopped, not even when the server is stopped later, so it counts as stopped once its connections are closed.
 * <p>
 * If several sockets were given one routing, Helidon notifies all of them when one has started or stopped. So the last stop is
 * known from the number of starts.
 */
final class Lifecycle {
    /** How long a stopping server waits until its listeners have been notified. */
    private static final int SECONDS_TO_NOTIFY = 3;

    private static final SafeLog LOGGER = new SafeLog(Lifecycle.class);

    private final WebServerConfig server;
    private final Readiness readiness;
    private final StartLog startLog;
    private final ClusterMembership membership;
    private final ShutdownDelay shutdownDelay;
    private final ListenerWatch listenerWatch;
    private final Listeners listeners;
    private final List<Supplier<Runnable>> begin;
    /** Empty for the server of an application; otherwise run when the internal listener of a cluster has ended by itself. */
    private final Optional<Runnable> lostInternal;
    /** The sockets that have not started. Guarded by this. */
    private final Set<String> starting;
    /**
     * How often the start of each socket is notified, at least once; without sockets that have ended by themselves. Guarded by
     * this.
     */
    private final Map<String, Integer> starts = new HashMap<>();
    /** Whether a socket has started. Guarded by this. */
    private boolean begun;
    /** The number of notifications of stops that are still expected. Guarded by this. */
    private int running;
    /** Ends what the start of the first socket has begun. Written by the thread that starts it. */
    private volatile Runnable ended = () -> { };

    /**
     * Registers nothing yet, since a server may be refused or never started.
     *
     * @param server       the prototype of the server
     * @param sockets      the sockets that Hangup is active on
     * @param begin        run when the first socket has started; each returns an action that is run when all sockets have stopped.
     *                     What they throw is logged, and the server serves without them
     * @param lostInternal run when the internal listener of a cluster has ended by itself; empty for other servers
     */
    Lifecycle(HangupConfig config, WebServerConfig server, Set<String> sockets, StartLog startLog, ClusterMembership membership,
              Listeners listeners, List<Supplier<Runnable>> begin, Optional<Runnable> lostInternal) {
        this.server = server;
        this.readiness = new Readiness(this::restored);
        this.startLog = startLog;
        this.membership = membership;
        this.shutdownDelay = new ShutdownDelay(config.shutdownDelay(), readiness, membership::leave);
        this.listenerWatch = new ListenerWatch(this::lost, this::description, config.exitWithoutListener());
        this.listeners = listeners;
        this.begin = begin;
        this.lostInternal = lostInternal;
        this.starting = new HashSet<>(sockets);
        sockets.forEach(it -> starts.put(it, 1));
        this.running = sockets.size();
    }

    /** Whether this is the life of a server. */
    boolean isOf(WebServer server) {
        return server.prototype() == this.server;
    }

    /** Whether a socket has started. */
    synchronized boolean hasBegun() {
        return begun;
    }

    /** Called when a socket has started. */
    void started(String socket, WebServer server) {
        readiness.started(server);
        shutdownDelay.register();
        boolean first;
        boolean again;
        boolean last;
        synchronized (this) {
            first = !begun;
            begun = true;
            again = !starting.remove(socket);
            last = !again && starting.isEmpty();
            if (again && starts.computeIfPresent(socket, (name, count) -> count + 1) != null) {
                running++;
            }
        }
        if (first) {
            ended = begin();
        }
        if (!again) {
            listenerWatch.started(socket);
        }
        startLog.started();
        // the handlers of each socket have started before its features
        if (last) {
            membership.join(server);
        }
    }

    /** The server serves already, so a failure must not end its start. */
    private Runnable begin() {
        List<Runnable> ends = new ArrayList<>();
        for (Supplier<Runnable> each : begin) {
            try {
                ends.add(each.get());
            } catch (RuntimeException | Error e) {
                // for example, since no native thread can be created
                LOGGER.warning("A part of Hangup could not be started; the server runs without it", e);
            }
        }
        return () -> ends.forEach(Runnable::run);
    }

    /** Whether the JVM has begun to shut down, so that clients should connect elsewhere. */
    boolean isEnding() {
        return readiness.isEnding();
    }

    private void restored() {
        listenerWatch.restored();
    }

    /** Called when a connection is closed by the server, and when a socket has stopped. */
    void stopping() {
        // a listener that ends by itself closes the connections of its own socket only, and the others serve on
        if (!ListenerWatch.isListener(Thread.currentThread())) {
            if (lostInternal.isEmpty()) {
                readiness.stopping();
            }
            membership.leave();
        }
    }

    /** Called when a socket has stopped; the last one waits until the listeners have been notified. */
    void stopped(String socket) {
        stopping();
        shutdownDelay.end();
        listenerWatch.stopped(socket);
        if (isLastStop()) {
            end();
        }
    }

    private synchronized boolean isLastStop() {
        running--;
        return running == 0;
    }

    /** As often as the start of a lost socket was notified, no stop will be. */
    private synchronized boolean isLastLost(String socket) {
        running -= starts.remove(socket);
        return running == 0;
    }

    /** Called when the listener of a socket has ended by itself; returns what to do once its connections are closed. */
    private Runnable lost(String socket) {
        lostInternal.ifPresentOrElse(Runnable::run, () -> readiness.ended(socket));
        if (!isLastLost(socket)) {
            return () -> { };
        }
        membership.leave();
        return () -> {
            shutdownDelay.end();
            end();
        };
    }

    private String description(String socket) {
        return lostInternal.isPresent() ? "The listener at the cluster's http-port" : "Socket " + socket;
    }

    /** Called once: by the last socket that stops, or that is found to have ended by itself. */
    private void end() {
        listeners.awaitDelivery(SECONDS_TO_NOTIFY);
        try {
            membership.stop();
        } finally {
            // the end of the internal listener may need a thread that cannot be started
            ended.run();
        }
    }
}

package dev.hangup.internal.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import dev.hangup.HangupConfig;
import dev.hangup.internal.outcome.Listeners;

import io.helidon.webserver.WebServer;

/**
 * The life of one server, from the start of its first socket to the stop of its last.
 * <p>
 * Helidon notifies the sockets of a start one after the other, once all of them accept connections. They also stop one after the
 * other, or at the same time if the server has failed to start. Steps that take time, or that end something that the other sockets
 * still need, are left to the last socket. That may be one whose listener has ended by itself: Helidon does not notify anyone that
 * it has stopped, not even when the server is stopped later, so it counts as stopped once its connections are closed.
 */
final class Lifecycle {
    /** How long a stopping server waits until its listeners have been notified. */
    private static final int SECONDS_TO_NOTIFY = 3;

    private final Readiness readiness = new Readiness();
    private final StartLog startLog;
    private final ClusterMembership membership;
    private final ShutdownDelay shutdownDelay;
    private final ListenerWatch listenerWatch;
    private final Listeners listeners;
    private final Supplier<Runnable> begin;
    private final int sockets;
    /** The number of sockets that have not started. */
    private final AtomicInteger starting;
    /** The number of sockets that have neither stopped nor ended by themselves. */
    private final AtomicInteger running;
    /** Ends what the start of the first socket has begun. Written by the thread that starts it. */
    private volatile Runnable ended = () -> { };

    /**
     * Registers nothing yet, since a server may be refused or never started.
     *
     * @param sockets number of sockets that Hangup is active on
     * @param begin   run when the first socket has started; returns an action that is run when all sockets have stopped
     */
    Lifecycle(HangupConfig config, int sockets, StartLog startLog, ClusterMembership membership, Listeners listeners,
              Supplier<Runnable> begin) {
        this.startLog = startLog;
        this.membership = membership;
        this.shutdownDelay = new ShutdownDelay(config.shutdownDelay(), readiness, membership::leave);
        this.listenerWatch = new ListenerWatch(this::lost, config.exitWithoutListener());
        this.listeners = listeners;
        this.begin = begin;
        this.sockets = sockets;
        this.starting = new AtomicInteger(sockets);
        this.running = new AtomicInteger(sockets);
    }

    /** Called when a socket has started. */
    void started(String socket, WebServer server) {
        readiness.started(server);
        shutdownDelay.begin();
        int before = starting.getAndDecrement();
        if (before == sockets) {
            ended = begin.get();
        }
        listenerWatch.started(socket);
        startLog.started();
        // the handlers of each socket have started before its features
        if (before == 1) {
            membership.join(server);
        }
    }

    /** Whether the JVM has begun to shut down, so that clients should connect elsewhere. */
    boolean isEnding() {
        return readiness.isEnding();
    }

    /** Called when a connection is closed by the server, and when a socket has stopped. */
    void stopping() {
        readiness.stopping();
        membership.leave();
    }

    /** Called when a socket has stopped; the last one waits until the listeners have been notified. */
    void stopped(String socket) {
        stopping();
        shutdownDelay.end();
        listenerWatch.stopped(socket);
        if (running.decrementAndGet() == 0) {
            end();
        }
    }

    /** Called when the listener of a socket has ended by itself; returns what to do once its connections are closed. */
    private Runnable lost(String socket) {
        readiness.ended(socket);
        if (running.decrementAndGet() > 0) {
            return () -> { };
        }
        membership.leave();
        return () -> {
            shutdownDelay.end();
            end();
        };
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

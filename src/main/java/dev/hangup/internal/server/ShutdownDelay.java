package dev.hangup.internal.server;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.helidon.Main;
import io.helidon.common.Weighted;
import io.helidon.spi.HelidonShutdownHandler;

/**
 * The time in which a server still serves although the JVM has begun to shut down. It is no longer ready, and asks its clients
 * to connect elsewhere.
 * <p>
 * When a listener closes, the operating system resets the connections that nobody has accepted yet, and a proxy may have sent a
 * request over such a connection. So proxies must know in advance.
 * <p>
 * Helidon runs the shutdown handlers of the JVM one after the other, the heaviest first, and a server's own handler stops it. So
 * the first delay that is run begins all others, too: the delays of all servers pass at the same time. A server that is not ready
 * anyway has no delay, since proxies already know that.
 */
final class ShutdownDelay implements HelidonShutdownHandler, Weighted {
    /** Before the handlers of servers, which have the default. */
    private static final double WEIGHT = 2 * Weighted.DEFAULT_WEIGHT;
    /** Those of the servers that have started, each once for all of its sockets. */
    private static final Set<ShutdownDelay> REGISTERED = ConcurrentHashMap.newKeySet();

    private final Duration time;
    private final Readiness readiness;
    private final Runnable ending;
    private final CountDownLatch stopped = new CountDownLatch(1);
    /** Whether this has begun. Owned by the thread that runs the shutdown handlers, as is {@link #endsAt}. */
    private boolean begun;
    private long endsAt;

    /**
     * @param ending run when the JVM has begun to shut down; returns at once
     */
    ShutdownDelay(Duration time, Readiness readiness, Runnable ending) {
        this.time = time;
        this.readiness = readiness;
        this.ending = ending;
    }

    /** Called when a socket of the server has started. */
    void register() {
        if (!time.isZero() && REGISTERED.add(this)) {
            Main.addShutdownHandler(this);
        }
    }

    /** Called when a socket of the server has stopped: the server is stopped by code, or its time has passed. */
    void end() {
        stopped.countDown();
        if (REGISTERED.remove(this)) {
            Main.removeShutdownHandler(this);
        }
    }

    @Override
    public void shutdown() {
        REGISTERED.forEach(ShutdownDelay::begin);
        try {
            stopped.await(endsAt - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void begin() {
        if (!begun) {
            begun = true;
            ending.run();
            endsAt = System.nanoTime() + (readiness.ending() ? time.toNanos() : 0);
        }
    }

    @Override
    public double weight() {
        return WEIGHT;
    }
}

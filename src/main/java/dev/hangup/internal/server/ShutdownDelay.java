package dev.hangup.internal.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

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
 * Helidon runs the shutdown handlers of the JVM one after the other, the heaviest first, and a server's own handler stops it. The
 * delays of all servers of a JVM run at the same time, from the first handler on. No time is given to a server that is not ready
 * anyway, since a proxy knows that.
 */
final class ShutdownDelay implements HelidonShutdownHandler, Weighted {
    /** Before the handlers of servers, which have the default. */
    private static final double WEIGHT = 2 * Weighted.DEFAULT_WEIGHT;
    /** When the first handler of this JVM was run, or 0. */
    private static final AtomicLong BEGUN = new AtomicLong();

    private final Duration time;
    private final Readiness readiness;
    private final Runnable ending;
    /** Whether this is registered, once for all sockets. Its CASes settle the race of a start with the shutdown of the JVM. */
    private final AtomicBoolean registered = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * @param ending run when the JVM has begun to shut down; returns at once
     */
    ShutdownDelay(Duration time, Readiness readiness, Runnable ending) {
        this.time = time;
        this.readiness = readiness;
        this.ending = ending;
    }

    /** Called when a socket of the server has started. */
    void begin() {
        if (!time.isZero() && registered.compareAndSet(false, true)) {
            Main.addShutdownHandler(this);
        }
    }

    /** Called when a socket of the server has stopped: the server is stopped by code, or its time has passed. */
    void end() {
        stopped.countDown();
        if (registered.compareAndSet(true, false)) {
            Main.removeShutdownHandler(this);
        }
    }

    @Override
    public void shutdown() {
        BEGUN.compareAndSet(0, System.nanoTime());
        ending.run();
        if (!readiness.ending()) {
            return;
        }
        try {
            stopped.await(BEGUN.get() + time.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public double weight() {
        return WEIGHT;
    }
}

package dev.hangup.demo;

import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.helidon.webserver.WebServer;

/**
 * Keeps the log open until the server has stopped after Ctrl-C. The JVM runs all its shutdown hooks at once, and that of the log
 * closes it. Helidon 4.5.0 makes that hook wait for its own ({@code Main.KeepLoggingActiveHandler}), but a thread that the JVM
 * has not yet started is not waited for.
 */
final class LastLines extends Handler {
    private static final String HELIDONS_HOOK = "helidon-shutdown-thread";
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final WebServer server;

    private LastLines(WebServer server) {
        this.server = server;
    }

    /** Called once the server runs. */
    static void keep(WebServer server) {
        Logger root = LogManager.getLogManager().getLogger("");
        Handler[] others = root.getHandlers();
        // handlers are closed in their order
        for (Handler other : others) {
            root.removeHandler(other);
        }
        root.addHandler(new LastLines(server));
        for (Handler other : others) {
            root.addHandler(other);
        }
    }

    @Override
    public void publish(LogRecord line) {
    }

    @Override
    public void flush() {
    }

    /** Waits until Helidon's hook has started; the handler behind this one waits until it has ended. */
    @Override
    public void close() {
        long start = System.nanoTime();
        while (server.isRunning() && !isHookStarted() && System.nanoTime() - start < START_NANOS) {
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static boolean isHookStarted() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(it -> it.getName().equals(HELIDONS_HOOK));
    }
}

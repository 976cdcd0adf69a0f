package dev.hangup.demo;

import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.helidon.config.ConfigMappingException;

/**
 * Keeps the reason why the server did not start. Helidon 4.5.0 only logs it ({@code LoomServer.startIt}), with a stack trace
 * that does not help if, for example, the port is in use.
 */
final class StartFailure implements Filter {
    private static final Logger HELIDON = Logger.getLogger("io.helidon.webserver.LoomServer");

    /** Written by the thread that starts the server. */
    private volatile String reason = "no reason was given";

    private StartFailure() {
    }

    static StartFailure listen() {
        StartFailure failure = new StartFailure();
        HELIDON.setFilter(failure);
        return failure;
    }

    @Override
    public boolean isLoggable(LogRecord entry) {
        if (entry.getThrown() != null) {
            reason = entry.getMessage() + ": " + root(entry.getThrown());
        }
        return entry.getLevel().intValue() < Level.SEVERE.intValue();
    }

    void is(RuntimeException thrown) {
        reason = thrown instanceof ConfigMappingException mapping ? named(mapping) : root(thrown);
    }

    String reason() {
        return reason.lines().findFirst().orElse(reason);
    }

    /** Returns the part of Helidon's message that names the key, without the mapper after it. */
    private static String named(ConfigMappingException mapping) {
        return mapping.getMessage().replaceFirst(" has failed: .*", " has failed: ") + root(mapping);
    }

    private static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}

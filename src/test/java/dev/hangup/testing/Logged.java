package dev.hangup.testing;

import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.helidon.logging.common.LogConfig;

/** What is logged while it is open, on a trail. */
public final class Logged implements AutoCloseable {
    static {
        // the first server would, and whoever listens already would hear nothing any more
        LogConfig.initClass();
    }

    private final Logger logger;
    private final Level level;
    private final Handler handler;
    private final List<LogRecord> entries = new CopyOnWriteArrayList<>();
    private final Trail trail = new Trail();

    private Logged(String name, Level from, Predicate<LogRecord> wanted) {
        this.logger = Logger.getLogger(name);
        this.level = logger.getLevel();
        this.handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (wanted.test(entry)) {
                    entries.add(entry);
                    trail.add(entry.getMessage());
                }
            }

            @Override
            public void flush() {
            }

            @Override
            public void close() {
            }
        };
        handler.setLevel(Level.ALL);
        logger.setLevel(from);
        logger.addHandler(handler);
    }

    /**
     * Messages of a logger and those below it, but for those that any test may meet: the one with which Hangup starts, those
     * about carriers, which a busy machine may delay, and one about the limits of this machine.
     */
    public static Logged by(String name) {
        return new Logged(name, Level.INFO, entry -> !isOfThisMachine(entry) && !entry.getMessage().startsWith("Hangup is active")
                && !entry.getMessage().startsWith("carriers-"));
    }

    /** All messages of a logger and those below it. */
    public static Logged allBy(String name) {
        return new Logged(name, Level.INFO, entry -> true);
    }

    /** Messages of a logger and those below it that contain a text, those for debugging among them. */
    public static Logged debug(String name, String text) {
        return new Logged(name, Level.FINE, entry -> entry.getMessage().contains(text));
    }

    /** Messages that are warnings or worse, or have a stack trace, but for those that a small or slow machine causes. */
    public static Logged trouble(String name) {
        return new Logged(name, Level.INFO, entry -> !isOfThisMachine(entry) && !comesOfSlowness(entry)
                && (entry.getLevel().intValue() >= Level.WARNING.intValue() || entry.getThrown() != null));
    }

    private static boolean isOfThisMachine(LogRecord entry) {
        return entry.getMessage() != null && entry.getMessage().startsWith("max-tcp-connections is not set");
    }

    private static boolean comesOfSlowness(LogRecord entry) {
        String message = entry.getMessage();
        return message != null && (message.startsWith("unresponsive ") || message.startsWith("carriers-"))
                // Helidon's listener is not back in accept() when its server stops
                || entry.getThrown() instanceof ClosedChannelException
                && "io.helidon.webserver.ServerListener".equals(entry.getLoggerName());
    }

    /** The messages. */
    public Trail trail() {
        return trail;
    }

    /** The same with their levels and stack traces. */
    public List<LogRecord> entries() {
        return List.copyOf(entries);
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setLevel(level);
    }
}

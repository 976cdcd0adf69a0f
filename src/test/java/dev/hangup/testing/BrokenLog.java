package dev.hangup.testing;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.helidon.logging.common.LogConfig;

/** A log that throws while this is open, as one does that has no memory left. */
public final class BrokenLog implements AutoCloseable {
    static {
        // the first server would, and remove the handler
        LogConfig.initClass();
    }

    private final Trail trail = new Trail();
    private final Logger logger;
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            trail.add(entry.getMessage());
            throw new OutOfMemoryError("Java heap space");
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    };

    /** The log of a class. */
    public BrokenLog(Class<?> of) {
        this(of.getName());
    }

    /** The log of a name. */
    public BrokenLog(String name) {
        this.logger = Logger.getLogger(name);
        logger.addHandler(handler);
    }

    /** What it did not log. */
    public Trail trail() {
        return trail;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}

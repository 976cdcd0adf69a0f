package dev.hangup.internal.text;

/**
 * A log for threads on which others depend and which are never restarted, and for code that must go on in any case. A logger may
 * throw, and when the heap is exhausted, so may any other code. What the logger throws is dropped.
 * <p>
 * To be created together with its owner: when something has failed, it may be too late to load this class.
 */
public final class SafeLog {
    private final System.Logger logger;

    /** Creates a log with the name of the given class. */
    public SafeLog(Class<?> owner) {
        this(owner.getName());
    }

    /** Creates a log with the given name. */
    public SafeLog(String name) {
        logger = System.getLogger(name);
    }

    /** Logs a warning, if that is possible; {@code thrown} may be {@code null}. */
    public void warning(String message, Throwable thrown) {
        log(System.Logger.Level.WARNING, message, thrown);
    }

    /** As above, at any level. */
    public void log(System.Logger.Level level, String message, Throwable thrown) {
        try {
            logger.log(level, message, thrown);
        } catch (Throwable e) {
            // also a checked exception, which some languages do not declare
        }
    }
}

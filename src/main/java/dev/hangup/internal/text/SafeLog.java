package dev.hangup.internal.text;

/**
 * Logs where nothing may be thrown: on threads that others depend on and that nobody starts anew, and in the code of other threads
 * that must go on. A logger may throw, and while the heap is exhausted, nearly everything does. What the logger throws is dropped.
 */
public final class SafeLog {
    private SafeLog() {
    }

    /** Logs a warning, if that is possible; {@code thrown} may be {@code null}. */
    public static void warning(System.Logger logger, String message, Throwable thrown) {
        log(logger, System.Logger.Level.WARNING, message, thrown);
    }

    /** As above, at any level. */
    public static void log(System.Logger logger, System.Logger.Level level, String message, Throwable thrown) {
        try {
            logger.log(level, message, thrown);
        } catch (Throwable e) {
            // also a checked exception, which some languages do not declare
        }
    }
}

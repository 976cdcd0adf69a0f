package dev.hangup.isolated;

/**
 * What an {@link IsolatedTask} threw, if the server cannot make the same exception anew: its class is not a public one on the
 * server's class path, it has no public constructor that takes a message (and a cause), or it makes another message of
 * that. {@link InterruptedException} is never made anew, since it would say that the caller was interrupted.
 * The stack trace is that of the worker.
 */
public final class IsolatedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The name of the class of what was thrown. */
    private final String typeName;

    IsolatedException(String typeName, String message, Throwable cause) {
        super(typeName + (message == null ? "" : ": " + message), cause);
        this.typeName = typeName;
    }

    /**
     * The class of what was thrown.
     *
     * @return its binary name
     */
    public String typeName() {
        return typeName;
    }
}

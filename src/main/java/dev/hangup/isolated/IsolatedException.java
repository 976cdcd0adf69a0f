package dev.hangup.isolated;

/**
 * Thrown in place of an exception of an {@link IsolatedTask} that the server cannot create. Either its class is not a public
 * one on the server's class path, or it has no public constructor that takes a message (and a cause), or that constructor
 * changes the message. An {@link InterruptedException} is always replaced, since it would say that the caller was interrupted.
 * The stack trace is the worker's.
 */
public final class IsolatedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The class name of the original exception. */
    private final String typeName;

    IsolatedException(String typeName, String message, Throwable cause) {
        super(typeName + (message == null ? "" : ": " + message), cause);
        this.typeName = typeName;
    }

    /** {@return the binary class name of the original exception} */
    public String typeName() {
        return typeName;
    }
}

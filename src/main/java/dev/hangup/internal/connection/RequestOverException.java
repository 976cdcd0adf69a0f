package dev.hangup.internal.connection;

import java.io.IOException;

/**
 * Thrown to work whose request is over: it was cancelled, or its client has left. What such work writes reaches nobody. The type
 * distinguishes this exception from any other {@link IOException} of the work.
 */
public final class RequestOverException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception for code that does not know why the request is over. */
    public RequestOverException() {
        this("The request is over", null);
    }

    /**
     * Creates an exception.
     *
     * @param message why the request is over
     * @param cause   what failed because of that; {@code null} if nothing was tried
     */
    public RequestOverException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.hangup.internal.connection;

import java.io.IOException;

/** Thrown to work that writes once its request is over. What it writes reaches nobody. */
public final class RequestOverException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param status the status with which the request has ended, as filters and access logs see it
     */
    public RequestOverException(String status) {
        super("The request is over: " + status);
    }

    /** For code that does not know the status. */
    public RequestOverException() {
        super("The request is over");
    }
}

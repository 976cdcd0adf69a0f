package dev.hangup.cluster;

/**
 * A failure of a computation on another member of the cluster, other than a {@link io.helidon.http.HttpException}. Without an
 * error handler for it, the client gets status 500, as it would from the member that computed.
 */
public final class RelayedFailureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The name of the exception's class on the member that computed. */
    private final String type;

    /**
     * Creates an exception.
     *
     * @param type    the name of the exception's class on the member that computed
     * @param message the exception's message there; {@code null} if it has none
     */
    public RelayedFailureException(String type, String message) {
        super(message == null ? type : type + ": " + message);
        this.type = type;
    }

    /** {@return the name of the exception's class on the member that computed, which may not exist here} */
    public String type() {
        return type;
    }
}

package dev.hangup.internal.http2;

/** A header block that no decoder can read (RFC 7541); the connection's compression state is lost with it. */
final class HeaderCompressionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HeaderCompressionException(String message) {
        super(message, null, false, false);
    }
}

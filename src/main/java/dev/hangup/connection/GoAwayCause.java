package dev.hangup.connection;

import java.util.Locale;

/** Why an HTTP/2 connection was ended before its client wanted it to be. */
public enum GoAwayCause {
    /** More requests were cut short than are allowed in a while (CVE-2023-44487, CVE-2025-8671). */
    RESETS(Frame.ENHANCE_YOUR_CALM),
    /** More streams were opened than are allowed, again and again. */
    REFUSED_STREAMS(Frame.ENHANCE_YOUR_CALM),
    /** Frames followed each other that have no content. */
    EMPTY_FRAMES(Frame.ENHANCE_YOUR_CALM),
    /** More frames came in a second than are allowed that are to be acknowledged, or have no effect. */
    CONTROL_FRAMES(Frame.ENHANCE_YOUR_CALM),
    /** A header block was larger than any that could be answered. */
    HEADER_BLOCK(Frame.ENHANCE_YOUR_CALM),
    /** A header block could not be decoded. */
    COMPRESSION(Frame.COMPRESSION_ERROR),
    /** More data came than the window of the connection allows. */
    FLOW_CONTROL(Frame.FLOW_CONTROL_ERROR),
    /** A frame was larger than allowed. */
    FRAME_SIZE(Frame.FRAME_SIZE_ERROR),
    /** A frame came for a stream that had ended. */
    STREAM_CLOSED(Frame.STREAM_CLOSED),
    /** Frames came in an order that the protocol does not know. */
    PROTOCOL(Frame.PROTOCOL_ERROR),
    /** Helidon has ended the connection. */
    HELIDON(Frame.PROTOCOL_ERROR);

    private final int errorCode;

    GoAwayCause(int errorCode) {
        this.errorCode = errorCode;
    }

    int errorCode() {
        return errorCode;
    }

    /** The cause as metrics and log lines have it: lower-case words with hyphens. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

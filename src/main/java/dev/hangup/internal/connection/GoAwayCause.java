package dev.hangup.internal.connection;

import java.util.Locale;

/** The reason for which an HTTP/2 connection was ended before its client wanted to end it. */
public enum GoAwayCause {
    /** More requests were cut short than the limit for the period allows (CVE-2023-44487, CVE-2025-8671). */
    RESETS,
    /** More streams were opened than allowed, repeatedly. */
    REFUSED_STREAMS,
    /** Too many frames without content followed each other. */
    EMPTY_FRAMES,
    /**
     * More frames that need an acknowledgement or have no effect arrived within a second than allowed, or the window of all streams
     * changed more often.
     */
    CONTROL_FRAMES,
    /** A header block was larger than the largest one that can be refused with a response. */
    HEADER_BLOCK,
    /** A header block could not be decoded. */
    COMPRESSION,
    /** More data arrived than the window of the connection allows. */
    FLOW_CONTROL,
    /** A frame was larger than allowed, or its length was invalid for its type. */
    FRAME_SIZE,
    /** A frame arrived for a stream that had ended. */
    STREAM_CLOSED,
    /** Frames arrived in an order that the protocol does not allow. */
    PROTOCOL,
    /** Helidon has ended the connection. */
    HELIDON;

    /** The name of the cause in metrics and log lines: lower-case words with hyphens. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

package dev.hangup.internal.connection;

import java.util.Locale;

/** Why an HTTP/2 connection was ended before its client wanted it to be. */
public enum GoAwayCause {
    /** More requests were cut short than are allowed in a while (CVE-2023-44487, CVE-2025-8671). */
    RESETS,
    /** More streams were opened than are allowed, again and again. */
    REFUSED_STREAMS,
    /** Frames followed each other that have no content. */
    EMPTY_FRAMES,
    /** More frames came in a second than are allowed that are to be acknowledged, or have no effect. */
    CONTROL_FRAMES,
    /** A header block was larger than any that could be answered. */
    HEADER_BLOCK,
    /** A header block could not be decoded. */
    COMPRESSION,
    /** More data came than the window of the connection allows. */
    FLOW_CONTROL,
    /** A frame was larger than allowed. */
    FRAME_SIZE,
    /** A frame came for a stream that had ended. */
    STREAM_CLOSED,
    /** Frames came in an order that the protocol does not know. */
    PROTOCOL,
    /** Helidon has ended the connection. */
    HELIDON;

    /** The cause as metrics and log lines have it: lower-case words with hyphens. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

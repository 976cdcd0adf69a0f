package dev.hangup.internal.http1;

import io.helidon.common.buffers.BufferData;

/**
 * Finds the end of an HTTP/1.1 message (RFC 9112, 6 and 7.1) in its bytes, as they arrive. Whether the message is well-formed is
 * judged elsewhere. For a client that speaks HTTP/1.0 it also removes the sizes of the chunks and the trailers; the response then
 * ends with the connection (RFC 9112, 6.3).
 * <p>
 * Not thread-safe: the caller passes the bytes in order.
 */
final class MessageEnd {
    /** The length of content that comes in chunks. */
    static final long CHUNKED = -1;
    /** The end of the line that follows a chunk. */
    private static final int LINE_END = 2;
    private static final int EMPTY_LINE = 4;
    /** Larger than any chunk that Helidon reads. A larger chunk size counts as this one. */
    private static final long LARGEST_CHUNK = 1L << 40;

    private Part next = Part.NOTHING;
    private boolean chunked;
    /** The number of bytes left of the content or of the current chunk, or its length if it has not begun. */
    private long left;
    /** The length of the current line of the header or the trailers so far; for the size of a chunk, without its digits. */
    private int line;
    /** The number of bytes after the end, in the buffer that was taken last. */
    private int excess;
    private boolean unchunks;
    private BufferData unchunked;

    /** Begins with the header of a message that has content of the given length, possibly none, or {@link #CHUNKED}. */
    void begin(long length) {
        next = Part.HEADER;
        chunked = length == CHUNKED;
        left = chunked ? 0 : length;
        line = 0;
        unchunks = false;
        unchunked = null;
    }

    /** As {@link #begin}, but starts after the header. */
    void beginContent(long length) {
        begin(length);
        headerEnds();
    }

    /** Called after {@link #begin} if the chunks of a message are to be taken out. */
    void unchunk() {
        unchunks = true;
    }

    /** The bytes taken last, without chunks and trailers; {@code null} if these are not taken out. */
    BufferData unchunked() {
        return unchunked;
    }

    /** Whether the end has not been found yet. */
    boolean isAhead() {
        return next != Part.NOTHING;
    }

    /** The number of bytes after the end, in the buffer that contained the end. */
    int excess() {
        return excess;
    }

    /**
     * Takes the next bytes, without changing their position. Bytes after the end are ignored, but counted.
     *
     * @return whether the end is among them
     */
    boolean isIn(BufferData bytes) {
        int length = bytes.available();
        if (unchunks) {
            // even after the end, so that nothing of a second response remains
            unchunked = BufferData.create(length);
        }
        if (next == Part.NOTHING) {
            return false;
        }
        int at = 0;
        if (next == Part.HEADER && line == 0 && isWhole(bytes, length)) {
            next = Part.NOTHING;
            at = length;
        }
        while (at < length && next != Part.NOTHING) {
            if (next == Part.CONTENT) {
                int here = (int) Math.min(left, length - at);
                if (unchunks) {
                    keep(bytes, at, (int) Math.min(here, left - LINE_END));
                }
                at += here;
                left -= here;
                contentEnds();
            } else {
                if (unchunks && next == Part.HEADER) {
                    keep(bytes, at, 1);
                }
                take(bytes.get(at++));
            }
        }
        excess = length - at;
        return next == Part.NOTHING;
    }

    /**
     * Whether the bytes are those of a whole message and nothing else, as they are for most responses: the first empty line ends
     * exactly the length of the content before the end of the bytes.
     */
    private boolean isWhole(BufferData bytes, int length) {
        if (chunked || left > length - EMPTY_LINE) {
            return false;
        }
        int content = length - (int) left;
        return isEmptyLine(bytes, content) && content == firstEmptyLine(bytes, content);
    }

    /** Whether an empty line, and the end of the line before it, are right before a position. */
    private static boolean isEmptyLine(BufferData bytes, int end) {
        return bytes.get(end - 1) == '\n' && bytes.get(end - 2) == '\r'
                && bytes.get(end - 3) == '\n' && bytes.get(end - 4) == '\r';
    }

    /** The end of the first empty line. Looks at every fourth byte of other lines; all that Helidon writes end with CR LF. */
    private static int firstEmptyLine(BufferData bytes, int known) {
        int b = bytes.get(0);
        if (b == '\r' || b == '\n') {
            return b == '\r' ? 2 : 1;
        }
        for (int last = EMPTY_LINE - 1; last < known;) {
            b = bytes.get(last);
            if (b == '\n' && isEmptyLine(bytes, last + 1)) {
                return last + 1;
            }
            last += b == '\r' || b == '\n' ? 1 : EMPTY_LINE;
        }
        return known;
    }

    private void keep(BufferData bytes, int at, int count) {
        for (int i = at; i < at + count; i++) {
            unchunked.write(bytes.get(i));
        }
    }

    private void take(int b) {
        if (next == Part.SIZE) {
            size(b);
        } else if (b != '\n') {
            line += b == '\r' ? 0 : 1;
        } else if (line > 0) {
            line = 0;
        } else if (next == Part.HEADER) {
            headerEnds();
        } else {
            next = Part.NOTHING;
        }
    }

    private void headerEnds() {
        next = chunked ? Part.SIZE : Part.CONTENT;
        contentEnds();
    }

    private void contentEnds() {
        if (left == 0 && next == Part.CONTENT) {
            next = chunked ? Part.SIZE : Part.NOTHING;
        }
    }

    private void size(int b) {
        int digit = Character.digit(b, 16);
        if (b == '\n') {
            next = left == 0 ? Part.TRAILERS : Part.CONTENT;
            left += left == 0 ? 0 : LINE_END;
            line = 0;
        } else if (line == 0 && digit >= 0) {
            left = Math.min(left * 16 + digit, LARGEST_CHUNK);
        } else {
            // text after the digits is not part of the size
            line++;
        }
    }

    private enum Part {
        NOTHING, HEADER, CONTENT, SIZE, TRAILERS
    }
}

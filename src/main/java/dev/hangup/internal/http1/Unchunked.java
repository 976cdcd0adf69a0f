package dev.hangup.internal.http1;

import io.helidon.common.buffers.BufferData;

/**
 * Takes the chunks' sizes and the trailers out of one response, for a client that speaks HTTP/1.0. The response then ends with
 * the connection (RFC 9112, 6.3).
 * <p>
 * The bytes are those that Helidon writes, so they are well-formed. Used under the lock of the writer.
 */
final class Unchunked {
    private Part next = Part.HEADER;
    /** The length of the current line of the header so far. */
    private int line;
    /** The number of bytes left of the current chunk. */
    private int left;

    /** Takes the next bytes of the response, header included. Returns what remains of them, possibly nothing. */
    BufferData without(BufferData framed) {
        byte[] bytes = framed.readBytes();
        BufferData rest = BufferData.create(bytes.length);
        for (int at = 0; at < bytes.length;) {
            if (next == Part.CONTENT) {
                int here = Math.min(left, bytes.length - at);
                rest.write(bytes, at, here);
                at += here;
                left -= here;
                next = left == 0 ? Part.LINE_BEHIND : Part.CONTENT;
            } else {
                if (next == Part.HEADER) {
                    rest.write(bytes[at]);
                }
                take(bytes[at++]);
            }
        }
        return rest;
    }

    private void take(byte b) {
        switch (next) {
        case HEADER -> {
            if (b != '\n') {
                line += b == '\r' ? 0 : 1;
            } else if (line > 0) {
                line = 0;
            } else {
                next = Part.SIZE;
            }
        }
        case SIZE -> {
            int digit = Character.digit(b, 16);
            if (digit >= 0) {
                left = left * 16 + digit;
            } else if (b == '\n') {
                next = left == 0 ? Part.END : Part.CONTENT;
            }
        }
        case LINE_BEHIND -> next = b == '\n' ? Part.SIZE : Part.LINE_BEHIND;
        default -> {
            // trailers
        }
        }
    }

    private enum Part {
        HEADER, SIZE, CONTENT, LINE_BEHIND, END
    }
}

package dev.hangup.internal.http1;

import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;

/**
 * What an HTTP/1.1 connection of Helidon's reads from, which is strict about chunks and knows whether a body has been read to
 * its end.
 * <p>
 * Helidon 4.5.0 ({@code Http1Connection.readNextChunk}) asks for lines where it expects a chunk's size or the end of the last
 * chunk, and nowhere else. It takes {@code +5} for a size, does not look at the two bytes behind a chunk, collects a line
 * of any length, and, once a chunk could not be read, takes the next line for a size. So a line that is none fails here,
 * and everything after a failure fails too.
 * <p>
 * Used by one thread at a time, whichever reads; {@link #unread} and {@link #failed} may be asked by any.
 */
final class EntityReader extends DataReader {
    /** With any number of leading zeros that somebody might send. */
    private static final int LONGEST_LINE = 64;
    private static final Pattern SIZE = Pattern.compile("0*[0-7]?[0-9a-fA-F]{1,7}");
    private static final Pattern ZERO = Pattern.compile("0+");

    private volatile Part next = Part.NOTHING;
    /** How much of a body with a length has not been read. */
    private long left;

    /**
     * @param bytes as for {@link DataReader#create(Supplier)}
     */
    @SuppressWarnings("removal") // there is no other way to a subclass
    EntityReader(Supplier<byte[]> bytes) {
        super(bytes);
    }

    /** The headers of a request have been read. */
    void begin(Headers request) {
        if (request.contains(HeaderNames.TRANSFER_ENCODING)) {
            next = Part.SIZE;
            return;
        }
        left = length(request);
        next = left == 0 ? Part.NOTHING : Part.BODY;
    }

    /** Whether there is, or may be, more of the current body. */
    boolean unread() {
        return next != Part.NOTHING;
    }

    /** Whether the current body cannot be read any further. */
    boolean failed() {
        return next == Part.FAILURE;
    }

    @Override
    public String readLine() {
        return reading(() -> switch (next) {
            case NOTHING, BODY -> super.readLine();
            case SIZE -> size();
            case END -> end();
            case CHUNK, FAILURE -> throw malformed();
        });
    }

    @Override
    public BufferData readBuffer(int length) {
        return reading(() -> switch (next) {
            case NOTHING -> super.readBuffer(length);
            case BODY -> body(length);
            case CHUNK -> chunk(length);
            case SIZE, END, FAILURE -> throw malformed();
        });
    }

    private String size() {
        String line = line();
        if (!SIZE.matcher(line).matches()) {
            throw malformed();
        }
        next = ZERO.matcher(line).matches() ? Part.END : Part.CHUNK;
        return line;
    }

    private BufferData chunk(int length) {
        BufferData chunk = super.readBuffer(length);
        if (!startsWithNewLine()) {
            throw malformed();
        }
        next = Part.SIZE;
        return chunk;
    }

    private String end() {
        String line = line();
        if (!line.isEmpty()) {
            throw malformed();
        }
        next = Part.NOTHING;
        return line;
    }

    private BufferData body(int length) {
        BufferData body = super.readBuffer(length);
        left -= length;
        if (left == 0) {
            next = Part.NOTHING;
        }
        return body;
    }

    private String line() {
        int length;
        try {
            length = findNewLine(LONGEST_LINE);
        } catch (IncorrectNewLineException e) {
            throw malformed();
        }
        if (length == LONGEST_LINE) {
            throw malformed();
        }
        String line = readAsciiString(length);
        skip(2);
        return line;
    }

    private <T> T reading(Supplier<T> part) {
        try {
            return part.get();
        } catch (RuntimeException e) {
            // a failure that is not the client's too: an interrupt may have come in the middle of a chunk
            next = Part.FAILURE;
            throw e;
        }
    }

    private static long length(Headers request) {
        try {
            return request.contentLength().orElse(0);
        } catch (IllegalArgumentException e) {
            // refused by Helidon, which comes to the same conclusion in a moment
            return -1;
        }
    }

    private static RequestException malformed() {
        return RequestException.builder()
                .type(DirectHandler.EventType.BAD_REQUEST)
                .setKeepAlive(false)
                .message("Chunks are malformed")
                .build();
    }

    /** What comes next of the current request. */
    private enum Part {
        NOTHING, BODY, SIZE, CHUNK, END, FAILURE
    }
}

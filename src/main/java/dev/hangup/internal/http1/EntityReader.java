package dev.hangup.internal.http1;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import dev.hangup.internal.connection.ReadAhead;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;

/**
 * The reader of one of Helidon's HTTP/1.1 connections. It is strict about chunks and knows whether a body has been read to its
 * end.
 * <p>
 * Helidon 4.5.0 ({@code Http1Connection.readNextChunk}) reads lines only where it expects the size of a chunk or the end of the
 * last chunk. It accepts {@code +5} as a size, ignores the two bytes after a chunk, reads lines of any length, and treats the
 * next line as a size after a chunk could not be read. So here a malformed line fails, and everything after a failure fails too.
 * <p>
 * Used by one thread at a time, the one that reads; {@link #unread}, {@link #begun} and {@link #failed} may be called on any
 * thread.
 */
final class EntityReader extends DataReader {
    /** Allows for leading zeros. */
    private static final int LONGEST_LINE = 64;
    private static final Pattern SIZE = Pattern.compile("0*[0-7]?[0-9a-fA-F]{1,7}");
    private static final Pattern ZERO = Pattern.compile("0+");

    private final ReadAhead bytes;
    private final boolean followed;
    private final BooleanSupplier inFlight;
    private volatile Part next = Part.NOTHING;
    /** The end of the current body in the bytes that have arrived; {@code null} if it is not looked for. */
    private volatile MessageEnd arriving;
    /** The number of bytes of a body with a length that have not been read. */
    private long left;
    /** Whether a read of the current body has been attempted. */
    private volatile boolean begun;

    /**
     * @param source   supplies what is to be read
     * @param bytes    the bytes of the connection
     * @param followed whether to follow what arrives of a body, whether it is read or not
     * @param inFlight whether a request is in flight, so that what is read is its body
     */
    @SuppressWarnings("removal") // there is no other way to a subclass
    EntityReader(Supplier<byte[]> source, ReadAhead bytes, boolean followed, BooleanSupplier inFlight) {
        super(source);
        this.bytes = bytes;
        this.followed = followed;
        this.inFlight = inFlight;
    }

    /** Called when the headers of a request have been read. */
    void begin(Headers request) {
        begun = false;
        if (request.contains(HeaderNames.TRANSFER_ENCODING)) {
            next = Part.SIZE;
        } else {
            left = length(request);
            next = left == 0 ? Part.NOTHING : Part.BODY;
        }
        if (followed) {
            follow();
        }
    }

    private void follow() {
        MessageEnd end = new MessageEnd();
        end.beginContent(next == Part.SIZE ? MessageEnd.CHUNKED : Math.max(0, left));
        if (available() > 0) {
            end.isIn(getBuffer(available()));
        }
        bytes.follow(read -> end.isIn(BufferData.create(read)));
        arriving = end;
    }

    /**
     * Whether a part of the current body has not arrived, as far as that is followed. To be called when the client has ended its
     * side, which {@link ReadAhead#endedInOrder} has returned to the calling thread: no more bytes arrive then.
     */
    boolean lacksRest() {
        MessageEnd end = arriving;
        return end != null && end.isAhead();
    }

    /** Whether the current body has, or may have, unread bytes. */
    boolean unread() {
        return next != Part.NOTHING;
    }

    /** Whether any of the current body was asked for. */
    boolean begun() {
        return begun;
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
            case NOTHING -> unframed(length);
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

    /** Reads bytes outside of a body. Fails while a request is in flight: two threads may be reading its body concurrently. */
    private BufferData unframed(int length) {
        if (inFlight.getAsBoolean()) {
            throw malformed();
        }
        return super.readBuffer(length);
    }

    private BufferData body(int length) {
        if (length > left) {
            throw malformed();
        }
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
        if (!begun && next != Part.NOTHING) {
            begun = true;
        }
        try {
            return part.get();
        } catch (RuntimeException e) {
            // also for a failure not caused by the client: an interrupt may have come in the middle of a chunk
            next = Part.FAILURE;
            throw e;
        }
    }

    /** The declared length of a message's content, zero if none is declared; negative if it is malformed. */
    static long length(Headers message) {
        try {
            return message.contentLength().orElse(0);
        } catch (IllegalArgumentException e) {
            // Helidon comes to the same conclusion in a moment if this is a request, and refuses it
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

    /** The part of the current request that comes next. */
    private enum Part {
        NOTHING, BODY, SIZE, CHUNK, END, FAILURE
    }
}

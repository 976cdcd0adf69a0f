package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import dev.hangup.internal.connection.GoAwayCause;

/**
 * The header of an HTTP/2 frame (RFC 9113, 4.1), and the few frames that Hangup creates itself.
 *
 * @param length   of the payload, in bytes
 * @param type     one of the constants, or an unknown type
 * @param flags    as the type defines them
 * @param streamId 0 for the connection
 */
record Frame(int length, int type, int flags, int streamId) {
    /** Length of a frame header in bytes. */
    static final int HEADER_LENGTH = 9;
    /** Length of the preface in bytes. A client sends it before its first frame (RFC 9113, 3.4). */
    static final int PREFACE_LENGTH = 24;

    /** Length of a priority in bytes (RFC 9113, 6.2 and 6.3). */
    static final int PRIORITY_LENGTH = 5;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    /** Error codes (RFC 9113, 7). */
    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int STREAM_CLOSED = 5;
    static final int FRAME_SIZE_ERROR = 6;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int COMPRESSION_ERROR = 9;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final byte[] NOTHING = new byte[0];
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITISED = 0x20;

    /** Whether the frame is the last of its stream, for types that have this flag. */
    boolean endsStream() {
        return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** Whether the frame is the last of its header block, for types that have this flag. */
    boolean endsHeaders() {
        return (type == HEADERS || type == CONTINUATION) && (flags & END_HEADERS) != 0;
    }

    boolean acknowledges() {
        return (type == SETTINGS || type == PING) && (flags & ACK) != 0;
    }

    boolean padded() {
        return (flags & PADDED) != 0;
    }

    /** Whether a HEADERS frame begins with a priority, of {@link #PRIORITY_LENGTH} bytes. */
    boolean prioritised() {
        return (flags & PRIORITISED) != 0;
    }

    static Frame parse(byte[] header) {
        ByteBuffer fields = ByteBuffer.wrap(header);
        return new Frame(fields.getInt(0) >>> 8, header[3] & 0xff, header[4] & 0xff, fields.getInt(5) & Integer.MAX_VALUE);
    }

    static byte[] reset(int streamId, int errorCode) {
        return frame(RST_STREAM, 0, streamId, numbers(errorCode));
    }

    static byte[] windowUpdate(int streamId, int increment) {
        return frame(WINDOW_UPDATE, 0, streamId, numbers(increment));
    }

    /** Adds to the increment of an update of a window. */
    static void enlarge(byte[] windowUpdate, int increment) {
        ByteBuffer frame = ByteBuffer.wrap(windowUpdate);
        frame.putInt(HEADER_LENGTH, frame.getInt(HEADER_LENGTH) + increment);
    }

    /** The announcement that the connection ends, without an error. */
    static byte[] goAway(int lastStreamId) {
        return goAway(lastStreamId, NO_ERROR, "");
    }

    static byte[] goAway(int lastStreamId, int errorCode, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
        return frame(GOAWAY, 0, 0, ByteBuffer.allocate(8 + text.length).putInt(lastStreamId).putInt(errorCode).put(text).array());
    }

    /** A DATA frame without padding, with the given number of bytes of an array. */
    static byte[] data(int streamId, boolean endsStream, byte[] bytes, int length) {
        return put(ByteBuffer.allocate(HEADER_LENGTH + length), length, DATA, endsStream ? END_STREAM : 0, streamId)
                .put(bytes, 0, length)
                .array();
    }

    /** An empty DATA frame that ends a stream. */
    static byte[] endOfData(int streamId) {
        return data(streamId, true, NOTHING, 0);
    }

    /** A PING. The client acknowledges it with the same data once it has read everything written before. */
    static byte[] ping(long data) {
        return frame(PING, 0, 0, ByteBuffer.allocate(Long.BYTES).putLong(data).array());
    }

    static byte[] settings(byte[] payload) {
        return frame(SETTINGS, 0, 0, payload);
    }

    static byte[] settingsAcknowledgement() {
        return frame(SETTINGS, ACK, 0, new byte[0]);
    }

    /**
     * Creates the frames of one header block, in one array.
     *
     * @param priority precedes the block; empty, or {@link #PRIORITY_LENGTH} bytes
     * @param maxSize  the largest payload of a frame, in bytes
     */
    static byte[] headers(int streamId, boolean endsStream, byte[] priority, byte[] block, int maxSize) {
        byte[] payload = ByteBuffer.allocate(priority.length + block.length).put(priority).put(block).array();
        int frames = Math.max(1, (payload.length + maxSize - 1) / maxSize);
        ByteBuffer all = ByteBuffer.allocate(frames * HEADER_LENGTH + payload.length);
        for (int i = 0; i < frames; i++) {
            int from = i * maxSize;
            int length = Math.min(maxSize, payload.length - from);
            int flags = (i == 0 && endsStream ? END_STREAM : 0)
                    | (i == 0 && priority.length > 0 ? PRIORITISED : 0)
                    | (i == frames - 1 ? END_HEADERS : 0);
            put(all, length, i == 0 ? HEADERS : CONTINUATION, flags, streamId).put(payload, from, length);
        }
        return all.array();
    }

    /** The frame with its payload, as it was read. */
    byte[] with(byte[] payload) {
        return frame(type, flags, streamId, payload);
    }

    /**
     * The content of a DATA frame, without its padding (RFC 9113, 6.1).
     *
     * @return {@code null} if the padding is longer than the frame
     */
    byte[] content(byte[] payload) {
        if (!padded()) {
            return payload;
        }
        int padding = payload.length == 0 ? 0 : payload[0] & 0xff;
        return padding >= payload.length ? null : Arrays.copyOfRange(payload, 1, payload.length - padding);
    }

    /** The error code with which a connection is ended. */
    static int errorCode(GoAwayCause cause) {
        return switch (cause) {
            case RESETS, REFUSED_STREAMS, EMPTY_FRAMES, CONTROL_FRAMES, HEADER_BLOCK -> ENHANCE_YOUR_CALM;
            case COMPRESSION -> COMPRESSION_ERROR;
            case FLOW_CONTROL -> FLOW_CONTROL_ERROR;
            case FRAME_SIZE -> FRAME_SIZE_ERROR;
            case STREAM_CLOSED -> STREAM_CLOSED;
            case PROTOCOL, HELIDON -> PROTOCOL_ERROR;
        };
    }

    private static byte[] frame(int type, int flags, int streamId, byte[] payload) {
        return put(ByteBuffer.allocate(HEADER_LENGTH + payload.length), payload.length, type, flags, streamId).put(payload).array();
    }

    private static ByteBuffer put(ByteBuffer target, int length, int type, int flags, int streamId) {
        return target.putInt(length << 8 | type).put((byte) flags).putInt(streamId);
    }

    private static byte[] numbers(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }
}

package dev.hangup.connection;

/**
 * The header of an HTTP/2 frame (RFC 9113, 4.1), and the few frames that Hangup makes itself.
 *
 * @param length   of the payload
 * @param type     one of those below, or any other
 * @param flags    as the type defines them
 * @param streamId 0 is the connection
 */
record Frame(int length, int type, int flags, int streamId) {
    /** Bytes of a header. */
    static final int HEADER = 9;
    /** Bytes that a client sends before its first frame (RFC 9113, 3.4). */
    static final int PREFACE = 24;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    /** A type that nobody has defined, and everybody ignores (RFC 9113, 5.5). */
    private static final int UNKNOWN = 0xff;

    static final int NO_ERROR = 0;
    static final int CANCEL = 8;

    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    /** Whether it is the last of its stream, of types that can be. */
    boolean endsStream() {
        return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** Whether its block of headers goes on in the next frame. */
    boolean opensHeaders() {
        return type == HEADERS && (flags & END_HEADERS) == 0;
    }

    boolean endsHeaders() {
        return (type == HEADERS || type == CONTINUATION) && (flags & END_HEADERS) != 0;
    }

    static Frame parse(byte[] header) {
        return new Frame(number(header, 0, 3), header[3] & 0xff, header[4] & 0xff, number(header, 5, 4) & Integer.MAX_VALUE);
    }

    static byte[] reset(int streamId, int errorCode) {
        return withNumbers(RST_STREAM, streamId, errorCode);
    }

    static byte[] windowUpdate(int streamId, int increment) {
        return withNumbers(WINDOW_UPDATE, streamId, increment);
    }

    static byte[] goAway(int lastStreamId) {
        return withNumbers(GOAWAY, 0, lastStreamId, NO_ERROR);
    }

    static byte[] nothing() {
        return withNumbers(UNKNOWN, 0);
    }

    private static byte[] withNumbers(int type, int streamId, int... payload) {
        byte[] frame = new byte[HEADER + 4 * payload.length];
        frame[2] = (byte) (4 * payload.length);
        frame[3] = (byte) type;
        put(frame, 5, streamId);
        for (int i = 0; i < payload.length; i++) {
            put(frame, HEADER + 4 * i, payload[i]);
        }
        return frame;
    }

    private static int number(byte[] bytes, int at, int length) {
        int number = 0;
        for (int i = at; i < at + length; i++) {
            number = number << 8 | bytes[i] & 0xff;
        }
        return number;
    }

    private static void put(byte[] bytes, int at, int number) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (number >> 24 - 8 * i);
        }
    }
}

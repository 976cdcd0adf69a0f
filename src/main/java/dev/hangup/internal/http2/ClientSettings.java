package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The settings that a client sends (RFC 9113, 6.5).
 *
 * @param known           those that Helidon knows, as they were sent. It does not skip the value of another, and takes that
 *                        for the next setting ({@code Http2Settings.create} of 4.5.0)
 * @param headerTableSize bytes that the client allows for its table of header fields
 * @param initialWindow   bytes that the client takes on a new stream; negative if that is none of these settings
 */
record ClientSettings(byte[] known, int headerTableSize, long initialWindow) {
    private static final int LENGTH = 6;
    private static final int HEADER_TABLE_SIZE = 1;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int LAST_KNOWN = 6;

    /** Whether a payload has only whole settings. */
    static boolean isLength(int payload) {
        return payload % LENGTH == 0;
    }

    static ClientSettings read(byte[] payload) {
        ByteBuffer all = ByteBuffer.wrap(payload);
        ByteBuffer known = ByteBuffer.allocate(payload.length);
        int headerTableSize = HeaderTable.SIZE;
        long initialWindow = -1;
        while (all.remaining() >= LENGTH) {
            int identifier = all.getShort() & 0xffff;
            int value = all.getInt();
            if (identifier == HEADER_TABLE_SIZE) {
                // unsigned: more than an int can tell is more than enough
                headerTableSize = value < 0 ? Integer.MAX_VALUE : value;
            }
            if (identifier == INITIAL_WINDOW_SIZE) {
                initialWindow = Integer.toUnsignedLong(value);
            }
            if (identifier >= 1 && identifier <= LAST_KNOWN) {
                known.putShort((short) identifier).putInt(value);
            }
        }
        return new ClientSettings(Arrays.copyOf(known.array(), known.position()), headerTableSize, initialWindow);
    }
}

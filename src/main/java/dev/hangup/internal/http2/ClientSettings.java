package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The settings that a client sends (RFC 9113, 6.5).
 *
 * @param known           the settings known to Helidon, as they were sent, but for larger frames, which a server need not send:
 *                        Helidon copies the rest of such a frame at each window update ({@code Http2FrameData.cut} of 4.5.0).
 *                        Helidon does not skip the value of an unknown setting, but parses it as the next setting ({@code
 *                        Http2Settings.create} of 4.5.0)
 * @param headerTableSize bytes that the client allows for its table of header fields
 * @param initialWindow   the client's window for a new stream, in bytes; negative if these settings do not contain it
 */
record ClientSettings(byte[] known, int headerTableSize, long initialWindow) {
    private static final int LENGTH = 6;
    private static final int HEADER_TABLE_SIZE = 1;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int LEAST_FRAME_SIZE = 1 << 14;
    private static final int LARGEST_FRAME_SIZE = (1 << 24) - 1;
    private static final int LAST_KNOWN = 6;

    /** Whether a payload of the given length consists of whole settings. */
    static boolean isLength(int payload) {
        return payload % LENGTH == 0;
    }

    /** The settings known to Helidon, without the client's window for a new stream. */
    byte[] knownWithoutInitialWindow() {
        ByteBuffer all = ByteBuffer.wrap(known);
        ByteBuffer kept = ByteBuffer.allocate(known.length);
        while (all.hasRemaining()) {
            short identifier = all.getShort();
            int value = all.getInt();
            if (identifier != INITIAL_WINDOW_SIZE) {
                kept.putShort(identifier).putInt(value);
            }
        }
        return Arrays.copyOf(kept.array(), kept.position());
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
                // unsigned: a value that exceeds an int is more than enough
                headerTableSize = value < 0 ? Integer.MAX_VALUE : value;
            }
            if (identifier == INITIAL_WINDOW_SIZE) {
                initialWindow = Integer.toUnsignedLong(value);
            }
            if (identifier == MAX_FRAME_SIZE && value >= LEAST_FRAME_SIZE && value <= LARGEST_FRAME_SIZE) {
                value = LEAST_FRAME_SIZE;
            }
            if (identifier >= 1 && identifier <= LAST_KNOWN) {
                known.putShort((short) identifier).putInt(value);
            }
        }
        return new ClientSettings(Arrays.copyOf(known.array(), known.position()), headerTableSize, initialWindow);
    }
}

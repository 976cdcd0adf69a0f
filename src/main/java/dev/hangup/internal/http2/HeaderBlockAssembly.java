package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Header blocks that come in frames, one after the other (RFC 9113, 4.3). Not for more than one thread at a time. */
final class HeaderBlockAssembly {
    private final ByteArrayOutputStream fragments = new ByteArrayOutputStream(0);
    /** The HEADERS frame whose block goes on; {@code null} for none. */
    private Frame began;
    private byte[] priority;

    /** Whether a frame may come now: nothing else may, while a block goes on. */
    boolean allows(Frame frame) {
        return began == null
                ? frame.type() != Frame.CONTINUATION
                : frame.type() == Frame.CONTINUATION && frame.streamId() == began.streamId();
    }

    /** Takes in a HEADERS frame; {@code false} if it does not hold what it says. */
    boolean begin(Frame frame, byte[] payload) {
        int from = frame.padded() ? 1 : 0;
        int to = payload.length - (frame.padded() && payload.length > 0 ? payload[0] & 0xff : 0);
        int block = from + (frame.prioritised() ? Frame.PRIORITY_LENGTH : 0);
        if (block > to) {
            return false;
        }
        began = frame;
        priority = Arrays.copyOfRange(payload, from, block);
        fragments.write(payload, block, to - block);
        return true;
    }

    /** Takes in a CONTINUATION frame. */
    void goOn(byte[] payload) {
        fragments.writeBytes(payload);
    }

    /** Bytes of the block until now. */
    int size() {
        return fragments.size();
    }

    /** The frame that the block has begun with. */
    Frame began() {
        return began;
    }

    /** What stands before the block; empty, or {@link Frame#PRIORITY_LENGTH} bytes. */
    byte[] priority() {
        return priority;
    }

    /** The block is whole; what comes next begins another. */
    byte[] end() {
        byte[] block = fragments.toByteArray();
        fragments.reset();
        began = null;
        return block;
    }
}

package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Assembles header blocks from consecutive frames (RFC 9113, 4.3). Not thread-safe. */
final class HeaderBlockAssembly {
    private final ByteArrayOutputStream fragments = new ByteArrayOutputStream(0);
    /** The HEADERS frame of the incomplete block; {@code null} if there is none. */
    private Frame firstFrame;
    private byte[] priority;

    /** Whether a frame is allowed now: within a block only its continuation is. */
    boolean allows(Frame frame) {
        return firstFrame == null
                ? frame.type() != Frame.CONTINUATION
                : frame.type() == Frame.CONTINUATION && frame.streamId() == firstFrame.streamId();
    }

    /** Adds a HEADERS frame; {@code false} if its payload is too short for its padding and priority. */
    boolean begin(Frame frame, byte[] payload) {
        int from = frame.padded() ? 1 : 0;
        int to = payload.length - (frame.padded() && payload.length > 0 ? payload[0] & 0xff : 0);
        int block = from + (frame.prioritised() ? Frame.PRIORITY_LENGTH : 0);
        if (block > to) {
            return false;
        }
        firstFrame = frame;
        priority = Arrays.copyOfRange(payload, from, block);
        fragments.write(payload, block, to - block);
        return true;
    }

    /** Adds a CONTINUATION frame. */
    void append(byte[] payload) {
        fragments.writeBytes(payload);
    }

    /** The size of the block so far, in bytes. */
    int size() {
        return fragments.size();
    }

    /** The frame that has begun the block. */
    Frame firstFrame() {
        return firstFrame;
    }

    /** The priority that precedes the block; empty, or {@link Frame#PRIORITY_LENGTH} bytes. */
    byte[] priority() {
        return priority;
    }

    /** Returns the complete block; the next frame begins another. */
    byte[] end() {
        byte[] block = fragments.toByteArray();
        fragments.reset();
        firstFrame = null;
        return block;
    }
}

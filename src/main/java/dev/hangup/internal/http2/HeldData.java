package dev.hangup.internal.http2;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

import dev.hangup.internal.connection.ReadAheadShare;
import dev.hangup.internal.connection.ReadBuffer;

/**
 * Data of one stream that Helidon has not received yet, in frames, charged to the share of its connection. Small frames are joined:
 * a client may send each byte in a frame of its own, and if each frame were held and charged, it could use up the share within its
 * windows, so that nothing of the connection would be read any more, such as other requests and resets.
 * <p>
 * Not thread-safe.
 */
final class HeldData {
    /** The size up to which frames are joined, in bytes. Every receiver accepts frames of this size (RFC 9113, 4.2). */
    private static final int MAX_JOINED = 16_384;
    private static final int MIN_GROWTH = 64;
    private static final byte[] NONE = new byte[0];

    private final int streamId;
    private final ReadAheadShare share;
    /** Whole frames, before the newest one. */
    private final Queue<byte[]> frames = new ArrayDeque<>(1);
    /** Whether there is a newest frame; there is one if anything is held. */
    private boolean any;
    /** The payload of the newest frame: the first {@code length} bytes. More may be appended. */
    private byte[] newest = NONE;
    private int length;
    /** Whether the newest frame ends the stream. */
    private boolean ends;
    private int charged;

    /**
     * @param share charged for what is held, including its overhead
     */
    HeldData(int streamId, ReadAheadShare share) {
        this.streamId = streamId;
        this.share = share;
    }

    boolean isEmpty() {
        return !any;
    }

    /**
     * Adds the content of a frame. If it is empty and not the end, nothing is held.
     *
     * @param data without padding
     * @param end  whether the stream ends with it
     */
    void add(byte[] data, boolean end) {
        if (data.length == 0 && !end) {
            return;
        }
        if (any && !ends && length + data.length <= MAX_JOINED) {
            append(data);
        } else {
            begin(data);
        }
        ends = end;
    }

    /** Removes the oldest frame, and returns it with its header. */
    byte[] remove() {
        byte[] removed = frames.poll();
        if (removed == null) {
            removed = Frame.data(streamId, ends, newest, length);
            charge(-cost(newest.length));
            any = false;
            newest = NONE;
        } else {
            charge(-cost(removed.length - Frame.HEADER_LENGTH));
        }
        return removed;
    }

    void clear() {
        frames.clear();
        any = false;
        newest = NONE;
        if (charged > 0) {
            charge(-charged);
        }
    }

    private void begin(byte[] data) {
        if (any) {
            frames.add(Frame.data(streamId, ends, newest, length));
            // what the array had in reserve
            charge(length - newest.length);
        }
        any = true;
        newest = data;
        length = data.length;
        charge(cost(length));
    }

    private void append(byte[] data) {
        int needed = length + data.length;
        if (needed > newest.length) {
            // not twice as large: what is in reserve is charged too
            int grown = newest.length + Math.max(MIN_GROWTH, newest.length / 4);
            int capacity = Math.min(MAX_JOINED, Math.max(needed, grown));
            charge(capacity - newest.length);
            newest = Arrays.copyOf(newest, capacity);
        }
        System.arraycopy(data, 0, newest, length, data.length);
        length = needed;
    }

    /** The number of bytes charged for a frame with a payload of the given capacity. */
    private static int cost(int capacity) {
        return ReadBuffer.OVERHEAD + Frame.HEADER_LENGTH + capacity;
    }

    private void charge(int bytes) {
        if (bytes != 0) {
            charged += bytes;
            share.charge(bytes);
        }
    }
}

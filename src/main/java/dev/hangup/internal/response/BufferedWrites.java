package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Calls to a stream that are buffered and replayed later: the same calls in the same order, since a filter around the real stream
 * sees each of them.
 */
final class BufferedWrites {
    private static final int FIRST_BYTES = 256;
    private static final int FIRST_CALLS = 4;

    /** The kind of a call that writes an array. Consecutive calls of another kind are stored as one call and a count. */
    private static final int ARRAY = 0;
    private static final int BYTE = 1;
    private static final int FLUSH = 2;
    private static final int CLOSE = 3;
    private static final int KIND = 3;
    private static final int KIND_BITS = 2;

    /** The maximum size of a first write that is buffered although it alone exceeds the limit. */
    private static final int MAX_LARGE = 1024 * 1024;

    private final int limit;
    private final boolean holdsLarge;
    /** The number of buffered bytes that belong to a first write which alone exceeds the limit. */
    private int large;
    private byte[] bytes = new byte[0];
    private int byteCount;
    /** Each call as one number: its kind and, in the higher bits, the length of the array or the count. */
    private int[] calls = new int[FIRST_CALLS];
    private int callCount;

    /**
     * @param limit      the number of bytes that do not fit any more: one more than those that do
     * @param holdsLarge whether a first write that exceeds the limit is buffered nevertheless
     */
    BufferedWrites(int limit, boolean holdsLarge) {
        this.limit = limit;
        this.holdsLarge = holdsLarge;
    }

    boolean noBytes() {
        return byteCount == 0;
    }

    /** Whether there was no write, not even an empty one. */
    boolean noWrites() {
        for (int i = 0; i < callCount; i++) {
            int kind = calls[i] & KIND;
            if (kind == ARRAY || kind == BYTE) {
                return false;
            }
        }
        return true;
    }

    boolean hasRoom(int length) {
        // also bounds the number of calls, since arrays may be empty
        return callCount < limit && (byteCount - large + length < limit || isLarge(length));
    }

    void write(byte b) {
        room(1);
        bytes[byteCount++] = b;
        addOrRepeat(BYTE);
    }

    void write(byte[] array, int offset, int length) {
        room(length);
        if (isLarge(length)) {
            large = length;
        }
        System.arraycopy(array, offset, bytes, byteCount, length);
        byteCount += length;
        add(ARRAY, length);
    }

    void flush() {
        addOrRepeat(FLUSH);
    }

    void close() {
        addOrRepeat(CLOSE);
    }

    void replayTo(OutputStream stream) throws IOException {
        int at = 0;
        for (int i = 0; i < callCount; i++) {
            int count = calls[i] >>> KIND_BITS;
            if ((calls[i] & KIND) == ARRAY) {
                stream.write(bytes, at, count);
                at += count;
                continue;
            }
            for (int time = 0; time < count; time++) {
                switch (calls[i] & KIND) {
                case BYTE -> stream.write(bytes[at++] & 0xFF);
                case FLUSH -> stream.flush();
                default -> stream.close();
                }
            }
        }
    }

    private boolean isLarge(int length) {
        return holdsLarge && byteCount == 0 && length >= limit && length <= MAX_LARGE;
    }

    private void room(int length) {
        if (bytes.length < byteCount + length) {
            int wanted = Math.max(FIRST_BYTES, 2 * (byteCount + length));
            bytes = Arrays.copyOf(bytes, Math.max(byteCount + length, Math.min(limit, wanted)));
        }
    }

    private void addOrRepeat(int kind) {
        if (callCount > 0 && (calls[callCount - 1] & KIND) == kind) {
            calls[callCount - 1] += 1 << KIND_BITS;
        } else {
            add(kind, 1);
        }
    }

    private void add(int kind, int count) {
        if (callCount == calls.length) {
            calls = Arrays.copyOf(calls, 2 * callCount);
        }
        calls[callCount++] = count << KIND_BITS | kind;
    }
}

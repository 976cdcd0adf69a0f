package dev.hangup.connection;

import java.util.ArrayDeque;
import java.util.Deque;

/** The bytes that one connection has read ahead, charged to their bounds. Not for more than one thread at a time. */
final class Stash {
    /** What a read costs beside its bytes. Without it, a client that sends byte by byte got many times the bound. */
    static final int OVERHEAD = 32;

    private final ReadAheadBounds bounds;
    private final Deque<byte[]> reads = new ArrayDeque<>(2);
    private int charged;

    Stash(ReadAheadBounds bounds) {
        this.bounds = bounds;
    }

    boolean isEmpty() {
        return reads.isEmpty();
    }

    /** Whether one more read is allowed. */
    boolean hasRoom() {
        return bounds.allows(charged);
    }

    /** If it is the others that leave no room: run an action when they have given some back. */
    void whenRoom(Runnable action) {
        if (bounds.full(charged)) {
            bounds.whenRoom(action);
        }
    }

    void add(byte[] read) {
        reads.add(read);
        charge(OVERHEAD + read.length);
    }

    byte[] remove() {
        byte[] read = reads.remove();
        charge(-OVERHEAD - read.length);
        return read;
    }

    void clear() {
        reads.clear();
        charge(-charged);
    }

    private void charge(int bytes) {
        charged += bytes;
        bounds.charge(bytes);
    }
}

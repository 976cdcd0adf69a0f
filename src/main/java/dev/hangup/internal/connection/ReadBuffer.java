package dev.hangup.internal.connection;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** The bytes that one connection has read ahead, charged to its share. Not thread-safe. */
public final class ReadBuffer {
    /** The overhead of an array. If it were not charged, a client that sends byte by byte would get many times the bound. */
    public static final int OVERHEAD = 32;

    private final ReadAheadShare share;
    private final Deque<byte[]> reads = new ArrayDeque<>(1);
    private int charged;

    ReadBuffer(ReadAheadShare share) {
        this.share = share;
    }

    boolean isEmpty() {
        return reads.isEmpty();
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

    void forEach(Consumer<byte[]> action) {
        reads.forEach(action);
    }

    void clear() {
        reads.clear();
        charge(-charged);
    }

    private void charge(int bytes) {
        charged += bytes;
        share.charge(bytes);
    }
}

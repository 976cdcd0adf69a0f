package dev.hangup.internal.connection;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Bytes that one connection has read and not yet used, charged to its share. Not thread-safe. */
public final class ReadBuffer {
    /** The overhead of an array. If it were not charged, a client that sends byte by byte would get many times the bound. */
    public static final int OVERHEAD = 32;

    private final ReadAheadShare share;
    private final Deque<byte[]> reads = new ArrayDeque<>(1);
    private int charged;

    /**
     * @param share charged for the bytes held
     */
    public ReadBuffer(ReadAheadShare share) {
        this.share = share;
    }

    public boolean isEmpty() {
        return reads.isEmpty();
    }

    public void add(byte[] read) {
        reads.add(read);
        charge(OVERHEAD + read.length);
    }

    public byte[] remove() {
        byte[] read = reads.remove();
        charge(-OVERHEAD - read.length);
        return read;
    }

    void forEach(Consumer<byte[]> action) {
        reads.forEach(action);
    }

    public void clear() {
        if (!reads.isEmpty()) {
            reads.clear();
            charge(-charged);
        }
    }

    private void charge(int bytes) {
        charged += bytes;
        share.charge(bytes);
    }
}

package dev.hangup.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes may be read ahead of whoever will ask for them: by one connection, and by all that share these
 * bounds. Over a bound the reading stops and TCP holds the client back; a connection that has nothing waiting may
 * always read once, so that a departure with nothing before it is noticed even then. The last read of each connection
 * may overshoot its bound by a socket buffer's worth (16 KiB under TLS).
 */
public final class ReadAheadBounds {
    private final int perConnection;
    private final long total;
    private final AtomicLong held = new AtomicLong();

    /**
     * Bounds for a set of connections.
     *
     * @param perConnection bytes, positive
     * @param total         bytes, at least {@code perConnection}
     */
    public ReadAheadBounds(int perConnection, long total) {
        this.perConnection = perConnection;
        this.total = total;
    }

    /**
     * How many bytes are held now, over all connections.
     *
     * @return bytes read ahead and not yet asked for, with what it costs to keep them
     */
    public long held() {
        return held.get();
    }

    boolean allows(int heldHere) {
        return heldHere == 0 || heldHere < perConnection && held.get() < total;
    }

    /** Negative: gives back. */
    void charge(int bytes) {
        held.addAndGet(bytes);
    }
}

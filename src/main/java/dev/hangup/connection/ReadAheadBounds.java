package dev.hangup.connection;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes may be read ahead of whoever will ask for them: by one connection, and by all that share these
 * bounds. Over a bound the reading stops and TCP holds the client back; a connection that has nothing waiting may
 * always read once, so that a departure with nothing before it is noticed even then. The last read of each connection
 * may overshoot its bound by a socket buffer's worth (16 KiB under TLS).
 */
public final class ReadAheadBounds {
    private static final long MAX_DEFAULT = 64 * 1024 * 1024;
    private static final int SHARE_OF_HEAP = 8;

    private final int perConnection;
    private final long total;
    private final AtomicLong held = new AtomicLong();
    /** Who stopped reading because of the others. */
    private final Queue<Runnable> stopped = new ConcurrentLinkedQueue<>();

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
     * Bounds of which the second need not be known.
     *
     * @param perConnection bytes, positive
     * @param total         bytes, at least {@code perConnection}; by default what a flood may take of this JVM's heap
     *                      without harm
     * @return the bounds
     */
    public static ReadAheadBounds create(int perConnection, Optional<Long> total) {
        long harmless = Math.min(MAX_DEFAULT, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        return new ReadAheadBounds(perConnection, total.orElse(Math.max(perConnection, harmless)));
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

    /** Whether it is the others that leave no room. */
    boolean full(int heldHere) {
        return heldHere < perConnection && held.get() >= total;
    }

    /** Negative: gives back. */
    void charge(int bytes) {
        if (held.addAndGet(bytes) < total && bytes < 0 && !stopped.isEmpty()) {
            // each takes its own lock, and the caller holds one
            Thread.ofVirtual().start(this::resume);
        }
    }

    /**
     * Run an action when there is room again.
     *
     * @param action run once, on any thread; possibly for nothing
     */
    void whenRoom(Runnable action) {
        stopped.add(action);
        // what was given back before the action was there to be seen
        if (held.get() < total) {
            Thread.ofVirtual().start(this::resume);
        }
    }

    private void resume() {
        for (Runnable action = stopped.poll(); action != null; action = held.get() < total ? stopped.poll() : null) {
            action.run();
        }
    }
}

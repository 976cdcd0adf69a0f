package dev.hangup.internal.connection;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.internal.time.ThreadStarter;

/**
 * Bounds for the bytes that the connections sharing them may read ahead of the code that consumes them.
 * <p>
 * Each connection is guaranteed {@value #GUARANTEED} bytes, so that a disconnect behind a few unread bytes is noticed whatever
 * other connections hold. Beyond that, a connection borrows from the total, up to the bound per connection. All connections of
 * one client address together borrow at most a part of the total, so that one client cannot prevent Hangup from noticing the
 * disconnects of others. A connection over a bound stops reading, and TCP holds its client back.
 * <p>
 * The last read of each connection may exceed its bound by its own length: at most 8 KiB, or 16 KiB under TLS. Bytes that exceed
 * a bound are held but not borrowed, so that an address never takes more than its part from others, however many connections it
 * has. All connections together hold at most {@code total + connections * (16 KiB + one read)}; a server that must bound this
 * amount limits its connections ({@code max-tcp-connections}).
 */
public final class ReadAheadBounds {
    /** Bytes that a connection may hold even when the total is used up. */
    static final int GUARANTEED = 16 * 1024;
    private static final long MAX_DEFAULT = 64 * 1024 * 1024;
    private static final int PART_OF_HEAP = 8;
    /**
     * A quarter of the total: it takes four addresses to use up the total, while a single busy client can still fill the bounds
     * of eight connections with the default sizes.
     */
    private static final int PART_OF_TOTAL = 4;

    final int guaranteed;
    final int perConnection;
    private final long perAddress;
    final ThreadFactory threads;
    final ReadAheadPool total;
    private final AtomicLong held = new AtomicLong();
    /** The client addresses of open connections, each with the pool that these borrow from. */
    private final Map<String, ReadAheadPool> addresses = new ConcurrentHashMap<>();

    ReadAheadBounds(int guaranteed, int perConnection, long perAddress, long total) {
        this(guaranteed, perConnection, perAddress, total, ThreadStarter.virtual(""));
    }

    /**
     * @param threads creates the threads that run what has waited for room
     */
    ReadAheadBounds(int guaranteed, int perConnection, long perAddress, long total, ThreadFactory threads) {
        this.guaranteed = guaranteed;
        this.perConnection = perConnection;
        this.perAddress = perAddress;
        this.threads = threads;
        this.total = new ReadAheadPool(total, threads);
    }

    /**
     * Creates bounds for a set of connections.
     *
     * @param perConnection bytes, positive
     * @param perAddress    bytes, at least {@code perConnection}; by default a quarter of the total, but no less than {@code
     *                      perConnection}
     * @param total         bytes, at least {@code perConnection}; by default an amount that does not harm this JVM's heap
     */
    public static ReadAheadBounds create(int perConnection, Optional<Long> perAddress, Optional<Long> total) {
        long harmless = Math.min(MAX_DEFAULT, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
        long size = total.orElse(Math.max(perConnection, harmless));
        return new ReadAheadBounds(GUARANTEED, perConnection,
                                   perAddress.orElse(Math.max(perConnection, size / PART_OF_TOTAL)), size);
    }

    /**
     * The number of bytes that all connections have read ahead and not consumed, guaranteed shares included, plus the overhead of
     * keeping them.
     */
    public long held() {
        return held.get();
    }

    /** The number of bytes that one connection may read ahead. */
    public int perConnection() {
        return perConnection;
    }

    /**
     * Creates the share of a new connection.
     *
     * @param client the network of its client ({@link dev.hangup.internal.address.ClientAddress})
     */
    public ReadAheadShare share(String client) {
        ReadAheadPool pool = addresses.compute(client, (key, known) -> {
            ReadAheadPool entered = known == null ? new ReadAheadPool(perAddress, threads) : known;
            entered.connections++;
            return entered;
        });
        return new ReadAheadShare(this, client, pool);
    }

    /** Called when a share of an address is closed. */
    void leave(String client) {
        addresses.computeIfPresent(client, (key, left) -> --left.connections == 0 ? null : left);
    }

    /** The number of client addresses with open connections. */
    int addresses() {
        return addresses.size();
    }

    void hold(long bytes) {
        held.addAndGet(bytes);
    }
}

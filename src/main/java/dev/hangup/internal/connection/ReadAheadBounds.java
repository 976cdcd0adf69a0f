package dev.hangup.internal.connection;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes may be read ahead of the code that will ask for them, by the connections that share these bounds.
 * <p>
 * Each connection is guaranteed {@value #GUARANTEED} bytes, so that a departure behind a few unread bytes is noticed
 * whatever the others hold. What it holds beyond that, up to the bound per connection, it borrows from the total; and
 * the connections of one client address together borrow no more than a part of the total, so that one client cannot
 * take noticing from the others. Over a bound the reading stops and TCP holds the client back.
 * <p>
 * The last read of each connection may exceed its bound by its own length: at most 8 KiB, or 16 KiB under TLS. What
 * exceeds a bound is held, but not borrowed, so that however many connections an address has, it takes no more from the
 * others than its part. All connections together hold at most {@code total + connections * (16 KiB + one read)}; a
 * server that must bound this bounds its connections ({@code max-tcp-connections}).
 */
public final class ReadAheadBounds {
    /** Bytes that a connection may hold even when the total is used up. */
    static final int GUARANTEED = 16 * 1024;
    private static final long MAX_DEFAULT = 64 * 1024 * 1024;
    private static final int PART_OF_HEAP = 8;
    /**
     * A quarter: four addresses have to act together before the total is used up, and a single busy client can still
     * fill the bound of eight connections with the default sizes.
     */
    private static final int PART_OF_TOTAL = 4;

    private final int guaranteed;
    private final int perConnection;
    private final long perAddress;
    private final ReadAheadPool total;
    private final AtomicLong held = new AtomicLong();
    /** The addresses of the connections that are open. */
    private final Map<String, Address> addresses = new ConcurrentHashMap<>();

    ReadAheadBounds(int guaranteed, int perConnection, long perAddress, long total) {
        this.guaranteed = guaranteed;
        this.perConnection = perConnection;
        this.perAddress = perAddress;
        this.total = new ReadAheadPool(total);
    }

    /**
     * Bounds for a set of connections.
     *
     * @param perConnection bytes, positive
     * @param perAddress    bytes, at least {@code perConnection}; by default a quarter of the total, and no less than
     *                      that
     * @param total         bytes, at least {@code perConnection}; by default an amount that does not harm this JVM's heap
     * @return the bounds
     */
    public static ReadAheadBounds create(int perConnection, Optional<Long> perAddress, Optional<Long> total) {
        long harmless = Math.min(MAX_DEFAULT, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
        long size = total.orElse(Math.max(perConnection, harmless));
        return new ReadAheadBounds(GUARANTEED, perConnection,
                                   perAddress.orElse(Math.max(perConnection, size / PART_OF_TOTAL)), size);
    }

    /**
     * How many bytes are held now, over all connections, guaranteed shares included.
     *
     * @return bytes read ahead and not yet used, with what it costs to keep them
     */
    public long held() {
        return held.get();
    }

    /**
     * The share of a connection that begins.
     *
     * @param client the address of its client, as {@link ClientNetwork} has it
     */
    public ReadAheadShare share(String client) {
        Address address = addresses.compute(client, (key, known) -> {
            Address entered = known == null ? new Address(new ReadAheadPool(perAddress)) : known;
            entered.connections++;
            return entered;
        });
        return new ReadAheadShare(this, client, address.pool);
    }

    /** A share of an address was closed. */
    void leave(String client) {
        addresses.computeIfPresent(client, (key, address) -> --address.connections == 0 ? null : address);
    }

    /** How many client addresses are known: those of open connections. */
    int addresses() {
        return addresses.size();
    }

    ReadAheadPool total() {
        return total;
    }

    void hold(long bytes) {
        held.addAndGet(bytes);
    }

    int guaranteed() {
        return guaranteed;
    }

    int perConnection() {
        return perConnection;
    }

    private static final class Address {
        private final ReadAheadPool pool;
        /** Changed within the map's atomic updates only. */
        private int connections;

        private Address(ReadAheadPool pool) {
            this.pool = pool;
        }
    }
}

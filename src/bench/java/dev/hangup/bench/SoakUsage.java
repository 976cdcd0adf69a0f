package dev.hangup.bench;

import java.util.Scanner;

/**
 * What the soak's server uses.
 *
 * @param connections threads that run connections, or read ahead for them
 * @param permits     that are held
 * @param threads     platform threads and virtual ones
 * @param sockets     open ones
 * @param files       open ones, sockets included
 * @param heap        bytes, after a collection
 */
record SoakUsage(long connections, long permits, long threads, long sockets, long files, long heap) {
    /** Carriers come and go with the load, and so do the threads of pools that make up for blocked ones. */
    private static final int THREADS_THAT_COME_AND_GO = 8;
    /** Caches that fill slowly, and what the collector leaves: a leak of 20 bytes for each client is more. */
    private static final long HEAP_NOISE = 3 * 1024 * 1024;

    static SoakUsage parse(String line) {
        Scanner in = new Scanner(line);
        return new SoakUsage(in.nextLong(), in.nextLong(), in.nextLong(), in.nextLong(), in.nextLong(), in.nextLong());
    }

    boolean quiet() {
        return connections == 0 && permits == 0;
    }

    /** Whether that is no more than it was. */
    boolean within(SoakUsage before) {
        return quiet() && sockets <= before.sockets && files <= before.files
                && threads <= before.threads + THREADS_THAT_COME_AND_GO && heap <= before.heap + HEAP_NOISE;
    }

    @Override
    public String toString() {
        return "%d connections, %d permits held, %d threads, %d sockets, %d files, %.1f MiB of heap"
                .formatted(connections, permits, threads, sockets, files, heap / 1048576.0);
    }
}

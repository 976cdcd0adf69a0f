package dev.hangup.internal.connection;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A JVM with a single carrier thread, in which a reader discards what a client sends without a pause. Prints after how
 * many reads another virtual thread came to run, and how many there were in the end.
 */
final class OneCarrier {
    private static final byte[] PIECE = new byte[8 * 1024];

    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger readsBefore = new AtomicInteger();
    private final CountDownLatch ran = new CountDownLatch(1);
    private Thread reader;

    /** In the other JVM. */
    public static void main(String[] arguments) throws InterruptedException {
        new OneCarrier().run();
    }

    private void run() throws InterruptedException {
        ReadAheadBounds bounds = new ReadAheadBounds(1, 1, 1, 1);
        ReadAhead reading = new ReadAhead(this::read, bounds.share("client"), "reader");
        reading.refuse();
        if (!ran.await(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("Nobody else ever ran");
        }
        reader.join();
        System.out.println(readsBefore + " " + reads);
    }

    private byte[] read() {
        if (reads.getAndIncrement() == 0) {
            reader = Thread.currentThread();
            Thread.startVirtualThread(() -> {
                readsBefore.set(reads.get());
                ran.countDown();
            });
        }
        return PIECE;
    }
}

package dev.hangup.internal.connection;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

import io.helidon.common.buffers.BufferData;

/**
 * Meters the writes to the socket of a connection, which come one after the other: how many bytes the socket has accepted, and
 * which thread is writing, if any. The writing thread calls {@link #begins} and {@link #ends}; any thread may call the other
 * methods.
 */
public final class WriteMeter {
    /** Takes the place of the thread that writes while another thread interrupts it. */
    private static final Thread INTERRUPTING = Thread.ofVirtual().unstarted(() -> { });

    /** The number of bytes that were to be written up to now. */
    private volatile long offered;
    /** The buffer that is being written; {@code null} if there is none. */
    private volatile BufferData underWay;
    /**
     * What was passed to a queue, from which another thread writes; the oldest first; {@code null} if there is no queue. Those that
     * the socket has taken are removed by the threads that write, one at a time.
     */
    private volatile Queue<BufferData> queue;
    /** The thread that writes. Settles the race between the end of a write and its interrupt. */
    private final AtomicReference<Thread> writing = new AtomicReference<>();

    /** Called before bytes are written, with the buffer from which they are read meanwhile. {@link #ends} follows. */
    public void begins(BufferData buffer) {
        int bytes = buffer.available();
        writing.lazySet(Thread.currentThread());
        // in this order, so that a reading between the two is too low rather than too high
        underWay = buffer;
        offered += bytes;
    }

    /** Called before {@link #ends} if the bytes are in a queue, from which another thread reads them. */
    public void queued(BufferData buffer) {
        Queue<BufferData> buffers = queue;
        if (buffers == null) {
            buffers = new ConcurrentLinkedQueue<>();
            queue = buffers;
        }
        buffers.add(buffer);
        while (!buffers.isEmpty() && buffers.peek().available() == 0) {
            buffers.remove();
        }
    }

    /** Called when nothing is in the queue any more. */
    public void flushed() {
        Queue<BufferData> buffers = queue;
        if (buffers != null) {
            buffers.clear();
        }
    }

    /** Called when the bytes were written, or could not be. Clears the interrupt status if {@link #interrupt} has set it. */
    public void ends() {
        underWay = null;
        if (!writing.compareAndSet(Thread.currentThread(), null)) {
            while (writing.get() == INTERRUPTING) {
                Thread.yield();
            }
            Thread.interrupted();
        }
    }

    /** Returns the number of bytes that the socket has accepted. Those of a write under way count as they leave its buffer. */
    public long taken() {
        BufferData buffer;
        long bytes;
        do {
            buffer = underWay;
            bytes = offered;
        } while (buffer != underWay);
        return bytes - (buffer == null ? 0 : buffer.available()) - inQueueExcept(buffer);
    }

    private long inQueueExcept(BufferData buffer) {
        Queue<BufferData> buffers = queue;
        return buffers == null ? 0 : buffers.stream().filter(it -> it != buffer).mapToLong(BufferData::available).sum();
    }

    /** Returns whether a write is under way. */
    public boolean isWriting() {
        return writing.get() != null;
    }

    /** Returns whether a write is under way, and blocked until the client takes something. */
    public boolean isBlocked() {
        Thread thread = writing.get();
        return thread != null && StallLimit.isBlocked(thread);
    }

    /**
     * Interrupts the thread that writes, if any, which closes the socket, unless Helidon writes through a queue. The interrupt
     * reaches no other code.
     */
    public void interrupt() {
        Thread thread = writing.get();
        if (thread != null && thread != INTERRUPTING && writing.compareAndSet(thread, INTERRUPTING)) {
            thread.interrupt();
            writing.set(null);
        }
    }
}

package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;

/**
 * The one reader of a connection's socket.
 * <p>
 * Helidon asks {@link #get()} for bytes when it needs some. Between requests that is a plain read on the asking
 * thread, as without Hangup. While a request is worked on it is not, for two reasons: the thread that asks for a body
 * may be interrupted, which would close the socket under the thread that answers; so from {@link #guard} on a thread of
 * its own reads what is asked for. And nobody asks while the handler computes, so nobody would see the client leave; so
 * from {@link #watch} on that thread goes on reading, into a buffer, while the connection's {@link ReadAheadShare}
 * allows it. The end of the stream, or its failure, is the client's departure, and is reported at once, however many bytes lie
 * before it.
 * <p>
 * When the work wins, the reader is still blocked in its read, and it stays there: no interrupt, no timed read, no
 * polling. Whatever it gets next goes to the buffer, and the next {@code get()} waits for the buffer rather than for the
 * socket. There is never a second reader: {@code reading} is true from the moment a read is decided until its bytes
 * are in the buffer, and nobody else reads while it is. A reader that has no reason to read on ends; the next reason
 * starts another.
 * <p>
 * When the work loses, the connection has no future: {@link #refuse} makes every {@code get()} fail, whoever calls
 * it, and the reader throws away what still comes, so that a client that is busy sending gets to read its answer
 * (RFC 9112, 9.6). It throws away {@value #MAX_DISCARDED} bytes at most, however long the work takes to end; after those
 * TCP holds the client back until the connection is closed.
 * <p>
 * A socket that always has bytes never blocks its reader, and virtual threads are not time-sliced. So the reader yields
 * after each read.
 */
public final class ReadAhead implements Supplier<byte[]> {
    /**
     * More than a client can have had on its way when it was answered, so that no client is cut off that stops sending
     * when it sees its answer: by default the largest buffers of a Linux socket are 4 MiB for sending and 6 MiB for
     * receiving ({@code tcp_wmem}, {@code tcp_rmem}).
     */
    static final int MAX_DISCARDED = 16 * 1024 * 1024;
    private static final byte[] NOTHING = new byte[0];

    private final Supplier<byte[]> socket;
    private final ReadAheadShare share;
    private final String name;

    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // guarded by lock, all that follows
    private final ReadBuffer buffer;
    /** A read is under way on the reader's thread, or about to be: nobody else may read. */
    private boolean reading;
    /** The last reader's thread. Never interrupted but to close the socket. */
    private Thread reader;
    /** How many threads wait in {@link #get()}. */
    private int waiting;
    private boolean refusing;
    /** Bytes were discarded since somebody looked. */
    private boolean sawUnwantedBytes;
    /** How many bytes were read since {@link #refuse}. */
    private long discarded;
    /** Set once, by the reader that saw it; the failure stays {@code null} when the client ended the stream. */
    private boolean ended;
    private RuntimeException failure;
    /** The next {@link #get()} is to return, with nothing if need be. */
    private boolean woken;
    /** A request is worked on: whoever asks for bytes may be interrupted. */
    private boolean guarded;
    /** The work lasts: read, whether anybody asks or not. */
    private boolean ahead;
    /** Told when the stream ends; {@code null} while no request is worked on. */
    private Runnable departed;

    /**
     * @param socket  blocks until there are bytes; {@code null} is the end of the stream
     * @param already bytes of the connection that were read before, may be empty
     * @param share   charged with what is held; closed with this
     */
    public ReadAhead(Supplier<byte[]> socket, byte[] already, ReadAheadShare share, String name) {
        this.socket = socket;
        this.buffer = new ReadBuffer(share);
        this.share = share;
        this.name = name;
        if (already.length > 0) {
            buffer.add(already);
        }
    }

    @Override
    public byte[] get() {
        lock.lock();
        try {
            while (true) {
                if (refusing) {
                    throw new CloseConnectionException("The request is over, and so is its connection");
                }
                if (woken) {
                    woken = false;
                    return NOTHING;
                }
                if (!buffer.isEmpty()) {
                    byte[] next = buffer.remove();
                    readOn();
                    return next;
                }
                if (ended) {
                    if (failure != null) {
                        throw failure;
                    }
                    return null;
                }
                if (!guarded && !reading) {
                    break;
                }
                await();
            }
        } finally {
            lock.unlock();
        }
        return read();
    }

    /**
     * From now on no thread that asks reads by itself, since it may be interrupted; and the client's leaving is told
     * where it shows, at once if it has before.
     */
    public void guard(Runnable departed) {
        lock.lock();
        try {
            guarded = true;
            if (!ended) {
                this.departed = departed;
                return;
            }
        } finally {
            lock.unlock();
        }
        departed.run();
    }

    /** Whether the stream is at its end and did not fail: the client will send no more, and may still be reading. */
    public boolean endedInOrder() {
        lock.lock();
        try {
            return ended && failure == null;
        } finally {
            lock.unlock();
        }
    }

    /** After {@link #guard}: from now on read ahead too. */
    public void watch() {
        lock.lock();
        try {
            ahead = true;
            readOn();
        } finally {
            lock.unlock();
        }
    }

    /** Tell no more. A read that is under way goes on, for the next {@link #get()}. */
    public void unwatch() {
        lock.lock();
        try {
            guarded = false;
            ahead = false;
            departed = null;
        } finally {
            lock.unlock();
        }
    }

    /** Let the next {@link #get()}, or one that waits for the reader, return with nothing, not even the end. */
    public void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on every {@link #get()} fails, and what the client still sends is thrown away. */
    public void refuse() {
        lock.lock();
        try {
            refusing = true;
            sawUnwantedBytes |= !buffer.isEmpty();
            buffer.clear();
            readOn();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@link #refuse}, and close the socket at once, whoever is about to use it. There is no public way to do that to
     * all kinds of sockets without waiting for those who write; but an interrupt of a read does it.
     */
    public void hangUp() {
        refuse();
        lock.lock();
        try {
            if (reading) {
                reader.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a client that is still sending has stopped: until it closes its side, or sends nothing for a tenth
     * of the time. At most for the time, and until {@value #MAX_DISCARDED} bytes were discarded since {@link #refuse}.
     *
     * @param expected whether something may come; if not, only a client from which something did come is waited for
     */
    public void lingeringClose(Duration time, boolean expected) {
        long left = time.toNanos();
        long quiet = left / 10;
        lock.lock();
        try {
            boolean sending = expected || sawUnwantedBytes;
            sawUnwantedBytes = false;
            long window = quiet;
            while (sending && reading && left > 0) {
                // not woken by reads: one timed wait for each would cost more than the read
                long wait = Math.min(window, left);
                window = changed.awaitNanos(wait);
                left -= wait - window;
                if (window <= 0) {
                    sending = sawUnwantedBytes;
                    sawUnwantedBytes = false;
                    window = quiet;
                }
            }
        } catch (InterruptedException e) {
            // the server stops, and has waited for long enough
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** The connection is over: give back what was held. The socket's end wakes a reader that is still blocked. */
    public void close() {
        lock.lock();
        try {
            refusing = true;
            departed = null;
            buffer.clear();
            share.close();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private void await() {
        waiting++;
        try {
            readOn();
            changed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("Interrupted while waiting for the client's bytes", e);
        } finally {
            waiting--;
        }
    }

    private void resume() {
        lock.lock();
        try {
            readOn();
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private void readOn() {
        if (!reading && wanted()) {
            reading = true;
            // it may outlive the request, whose thread locals are none of its business
            reader = Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).start(this::run);
        } else if (!reading) {
            resumeWhenRoom();
        }
    }

    // with the lock
    private void resumeWhenRoom() {
        if (asked() && !ended && !refusing) {
            share.whenRoom(this::resume);
        }
    }

    // with the lock
    private boolean asked() {
        return ahead || waiting > 0 && buffer.isEmpty();
    }

    // with the lock
    private boolean wanted() {
        if (ended) {
            return false;
        }
        if (refusing) {
            return discarded < MAX_DISCARDED;
        }
        return asked() && share.allows();
    }

    private void run() {
        boolean more = true;
        while (more) {
            byte[] bytes = null;
            RuntimeException failed = null;
            try {
                bytes = socket.get();
            } catch (Throwable e) {
                // an Error too: whoever waits must hear of it
                failed = new ServerConnectionException("Failed to read from the client", e);
            }
            more = took(bytes, failed);
            if (more) {
                Thread.yield();
            }
        }
    }

    /** Takes in the result of one read; tells whether to read again. */
    private boolean took(byte[] bytes, RuntimeException failed) {
        lock.lock();
        try {
            if (bytes == null) {
                ended = true;
                failure = failed;
                // before a get() learns of it, so that work which that fails is known to have lost its client
                if (departed != null) {
                    departed.run();
                    departed = null;
                }
            } else if (refusing) {
                sawUnwantedBytes = true;
                discarded += bytes.length;
            } else if (bytes.length > 0) {
                buffer.add(bytes);
            }
            reading = wanted();
            if (!reading) {
                resumeWhenRoom();
            }
            if (!(refusing && reading)) {
                changed.signalAll();
            }
            return reading;
        } finally {
            lock.unlock();
        }
    }

    private byte[] read() {
        byte[] bytes = socket.get();
        if (bytes == null) {
            lock.lock();
            try {
                ended = true;
            } finally {
                lock.unlock();
            }
        }
        return bytes;
    }
}

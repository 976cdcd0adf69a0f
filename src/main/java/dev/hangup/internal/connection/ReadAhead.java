package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.internal.time.ThreadStarter;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;

/**
 * The only reader of a connection's socket.
 * <p>
 * Helidon calls {@link #get()} when it needs bytes. Between requests this is a plain read on the calling thread, as without
 * Hangup. While a request is in progress it is not, for two reasons. First, the thread that reads a body may be interrupted,
 * which would close the socket under the responding thread; so from {@link #guard} on, a separate thread performs the reads.
 * Second, no thread calls {@link #get()} while the handler computes, so a disconnect would go unnoticed; so from {@link #watch}
 * on, that thread continues to read into a buffer while the connection's {@link ReadAheadShare} allows it. The end of the stream,
 * or its failure, is the client's departure. It is reported at once, however many unread bytes precede it.
 * <p>
 * When the work wins, the reader is still blocked in its read, and it stays there: it is neither interrupted nor does it poll or
 * use timed reads. The next bytes go to the buffer, and the next {@code get()} waits for the buffer rather than for the socket.
 * There is never a second reader: {@code reader} is set from the moment a read is decided until its bytes are in the buffer,
 * and no other thread reads meanwhile. A reader with no reason to continue ends; the next reason starts another. If that one cannot
 * be started, those who wait for bytes wait until it can be.
 * <p>
 * When the work loses, the connection ends: {@link #refuse} makes every {@code get()} fail, and the reader discards what still
 * arrives, so that a client that is busy sending can read its response (RFC 9112, 9.6).
 * <p>
 * A socket that always has bytes never blocks its reader, and virtual threads are not time-sliced. So the reader yields after
 * each read.
 */
public final class ReadAhead implements Supplier<byte[]> {
    /**
     * The maximum number of bytes that are discarded; after that, TCP holds the client back. It exceeds what a client that stops
     * sending when it sees the response can have under way: by default the largest buffers of a Linux socket are 4 MiB for sending
     * and 6 MiB for receiving ({@code tcp_wmem}, {@code tcp_rmem}).
     */
    static final int MAX_DISCARDED = 16 * 1024 * 1024;
    private static final byte[] NOTHING = new byte[0];

    private final Supplier<byte[]> socket;
    private final ReadAheadShare share;
    private final ThreadStarter threads;

    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // all fields below are guarded by the lock
    private final ReadBuffer buffer;
    /**
     * The thread on which a read is under way, or is about to begin, so that no other thread may read; {@code null} if there is
     * none. Interrupted only to close the socket.
     */
    private Thread reader;
    /** The number of threads that wait in {@link #get()}. */
    private int waiting;
    private boolean refusing;
    /** Whether bytes were discarded since the last check. */
    private boolean sawUnwantedBytes;
    /** The number of bytes read since {@link #refuse}. */
    private long discarded;
    /** Set once, by the reader that reaches the end; the failure stays {@code null} if the client ended the stream. */
    private boolean ended;
    private RuntimeException failure;
    /** The next {@link #get()} must return, if necessary without bytes. */
    private boolean woken;
    /** A request is in progress: threads that call {@link #get()} may be interrupted. */
    private boolean guarded;
    /** The work is watched: read even if no thread waits for bytes. */
    private boolean ahead;
    /** Notified when the stream ends; {@code null} while no request is in progress. */
    private Runnable departed;
    /** Passed the bytes as they are read; {@code null} if nobody follows. */
    private Consumer<byte[]> follower;

    /**
     * @param socket blocks until there are bytes; returns {@code null} at the end of the stream
     * @param share  charged for the bytes held; closed together with this object
     */
    public ReadAhead(Supplier<byte[]> socket, ReadAheadShare share, String name) {
        // a reader may outlive the request, so it must not inherit the request's thread locals
        this(socket, share, ThreadStarter.virtual(name));
    }

    ReadAhead(Supplier<byte[]> socket, ReadAheadShare share, ThreadFactory threads) {
        this.socket = socket;
        this.buffer = new ReadBuffer(share);
        this.share = share;
        this.threads = new ThreadStarter(threads);
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
                if (!guarded && reader == null) {
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
     * From now on callers of {@link #get()} do not read themselves, since they may be interrupted. The action runs when the
     * reader notices a departure, or at once if the departure has already happened.
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

    /** Whether the stream has ended, in order or with a failure. */
    public boolean hasEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the stream has ended without a failure: the client sends no more, but may still be reading. */
    public boolean endedInOrder() {
        lock.lock();
        try {
            return ended && failure == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Passes all bytes to a follower, in order and with the lock of this object: those that {@link #get()} has not returned yet,
     * then those that are read from now on.
     *
     * @param follower must not block; takes the place of the one before
     */
    public void follow(Consumer<byte[]> follower) {
        lock.lock();
        try {
            this.follower = follower;
            buffer.forEach(follower);
        } finally {
            lock.unlock();
        }
    }

    /** Called after {@link #guard}: from now on also reads ahead. */
    public void watch() {
        lock.lock();
        try {
            ahead = true;
            readOn();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops notifying. A read that is under way continues, for the next {@link #get()}.
     *
     * @return whether a thread waits in {@link #get()}
     */
    public boolean unwatch() {
        lock.lock();
        try {
            guarded = false;
            ahead = false;
            departed = null;
            return waiting > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the next {@link #get()}, or one that waits for the reader, return without bytes and without reporting the end. */
    public void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on every {@link #get()} fails, and what the client still sends is discarded. */
    public void refuse() {
        lock.lock();
        try {
            refuseLocked();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Calls {@link #refuse} and closes the socket at once, even while other threads use it. No public API does this for all kinds
     * of sockets without waiting for writers; but interrupting a read does.
     */
    public void hangUp() {
        lock.lock();
        try {
            // with one hold of the lock: if the reader ended in between, nothing would close the socket
            refuseLocked();
            if (reader != null) {
                reader.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a client that is still sending stops: until it closes its side, or sends nothing for a tenth of the given time.
     * The wait ends when that time has elapsed, or when {@value #MAX_DISCARDED} bytes were discarded since {@link #refuse}.
     *
     * @param expected whether bytes may still arrive; if not, waits only for a client that has sent some since {@link #refuse}
     */
    public void lingeringClose(Duration time, boolean expected) {
        long left = time.toNanos();
        long quiet = left / 10;
        lock.lock();
        try {
            boolean sending = expected || sawUnwantedBytes;
            sawUnwantedBytes = false;
            long window = quiet;
            while (sending && reader != null && left > 0) {
                // not woken by reads: a timed wait for each read would cost more than the read
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
            // the server stops, and its grace period is over
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Called when the connection is over: returns what was held. The end of the socket wakes a reader that is still blocked. */
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
    private void refuseLocked() {
        refusing = true;
        sawUnwantedBytes |= !buffer.isEmpty();
        buffer.clear();
        readOn();
        changed.signalAll();
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
        if (reader == null && wanted()) {
            reader = threads.start(this::run, this::resume);
        } else if (reader == null) {
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
        try {
            while (store(socket.get(), null)) {
                Thread.yield();
            }
        } catch (Throwable e) {
            // also an Error, and one that came when bytes were stored: waiting threads must be notified
            store(null, failedToRead(e));
        }
    }

    /** Stores the result of one read; returns whether to read again. */
    private boolean store(byte[] bytes, RuntimeException failed) {
        lock.lock();
        try {
            if (bytes == null) {
                ended = true;
                failure = failed;
            } else if (refusing) {
                sawUnwantedBytes = true;
                discarded += bytes.length;
            } else if (bytes.length > 0) {
                buffer.add(bytes);
                passOn(bytes);
            }
            boolean more = wanted();
            if (!more) {
                reader = null;
                resumeWhenRoom();
            }
            if (!(refusing && more)) {
                changed.signalAll();
            }
            Runnable notified = departed;
            if (bytes == null && notified != null) {
                departed = null;
                reportDeparture(notified);
            }
            return more;
        } finally {
            lock.unlock();
        }
    }

    /** With the lock: the departure must be known before a {@link #get()} returns the end and work fails because of it. */
    private void reportDeparture(Runnable notified) {
        try {
            notified.run();
        } catch (Throwable e) {
            // the work does not know of this end, so it must not pass for an orderly one
            RuntimeException unreported = failedToRead(e);
            if (failure != null) {
                unreported.addSuppressed(failure);
            }
            failure = unreported;
        }
    }

    private static RuntimeException failedToRead(Throwable cause) {
        return new ServerConnectionException("Failed to read from the client", cause);
    }

    private byte[] read() {
        byte[] bytes = socket.get();
        lock.lock();
        try {
            if (bytes == null) {
                ended = true;
            } else {
                passOn(bytes);
            }
        } finally {
            lock.unlock();
        }
        return bytes;
    }

    // with the lock
    private void passOn(byte[] bytes) {
        if (follower != null) {
            follower.accept(bytes);
        }
    }
}

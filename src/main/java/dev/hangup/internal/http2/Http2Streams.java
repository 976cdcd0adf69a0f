package dev.hangup.internal.http2;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.hangup.internal.connection.ReadAheadShare;

/**
 * The streams of one connection.
 * <p>
 * Streams are opened by the connection's thread and looked up by all threads. All that a client can cause to grow is bounded: the
 * streams in flight by the listener's limit, those that were cut short ({@link CutShortStreams}) and early resets by constants.
 */
final class Http2Streams {
    /** The maximum number of early resets that are remembered while Helidon is far behind. Others take effect later, in order. */
    private static final int MAX_RESET_EARLY = 256;

    /** The streams that Helidon runs. */
    private final Map<Integer, Http2Exchange> running = new ConcurrentHashMap<>();
    private final CutShortStreams cutShort;
    private final Set<Integer> resetEarly = ConcurrentHashMap.newKeySet();
    private final AtomicInteger incomplete = new AtomicInteger();
    /** The number of streams that count as open or half-closed (RFC 9113, 5.1.2). */
    private final AtomicInteger open = new AtomicInteger();
    private final Lock lock = new ReentrantLock();
    /**
     * The newest stream that the client has opened, or has tried to open. Written by the connection's thread, with the lock so that
     * {@link #close} settles the race with a new stream.
     */
    private volatile int last;
    /** The newest stream that may be processed, once there are to be no others; negative before. Guarded by lock. */
    private int closedAt = -1;

    /**
     * @param share charged for the streams that were cut short
     */
    Http2Streams(ReadAheadShare share) {
        this.cutShort = new CutShortStreams(share);
    }

    /** On the connection's thread: whether a stream was opened or refused before. */
    boolean known(int id) {
        return id <= last;
    }

    int last() {
        return last;
    }

    /** The number of open streams, from the client's point of view. */
    int open() {
        return open.get();
    }

    /** The number of streams that Helidon runs, whether or not the client considers them closed. */
    int running() {
        return running.size();
    }

    /** On the connection's thread: records a stream that was refused. */
    void refuse(int id) {
        lock.lock();
        try {
            last = id;
        } finally {
            lock.unlock();
        }
        resetEarly.remove(id);
    }

    /**
     * Forbids further streams.
     *
     * @return the newest stream that may be processed, for GOAWAY; the same at each call
     */
    int close() {
        lock.lock();
        try {
            if (closedAt < 0) {
                closedAt = last;
            }
            return closedAt;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #close}, unless a request is in flight. Returns whether further streams are forbidden, and none is in flight. */
    boolean closeIfIdle() {
        lock.lock();
        try {
            if (inFlight()) {
                return false;
            }
            close();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether further streams are forbidden. */
    boolean isClosed() {
        lock.lock();
        try {
            return closedAt >= 0;
        } finally {
            lock.unlock();
        }
    }

    /** On the connection's thread: opens a stream; {@code false} if it is forbidden, and to be refused. */
    boolean open(Http2Exchange stream) {
        lock.lock();
        try {
            if (closedAt >= 0) {
                return false;
            }
            open.incrementAndGet();
            // before the number is known, so that an early reset finds the stream
            running.put(stream.id, stream);
            last = stream.id;
            incomplete.incrementAndGet();
        } finally {
            lock.unlock();
        }
        if (resetEarly.remove(stream.id)) {
            stream.resetByClient();
        }
        return true;
    }

    /**
     * Called when the client has reset a stream. Runs on the reading thread, which may be far ahead of the connection's thread.
     */
    void resetEarly(int id) {
        if (!known(id) && resetEarly.size() < MAX_RESET_EARLY) {
            resetEarly.add(id);
        }
        // checked after adding: either the stream is open by now, or the thread that opens it finds the reset
        Http2Exchange stream = get(id);
        if (stream != null) {
            resetEarly.remove(id);
            stream.resetByClient();
        }
    }

    /**
     * On the connection's thread: called when a reset takes effect in order. An early reset of a stream that was over is still
     * recorded.
     */
    void resetInOrder(int id) {
        resetEarly.remove(id);
    }

    /** The stream; {@code null} if it is over or was never opened. */
    Http2Exchange get(int id) {
        return running.get(id);
    }

    /** The streams that ended before their clients had ended their sides. */
    CutShortStreams cutShort() {
        return cutShort;
    }

    /** As {@link #get}, or one that was cut short: the stream on which frames may arrive; {@code null} if there is none. */
    Http2Exchange find(int id) {
        Http2Exchange stream = get(id);
        return stream == null ? cutShort.get(id) : stream;
    }

    /** Called when Helidon has finished a stream. */
    void forget(Http2Exchange stream) {
        running.remove(stream.id, stream);
    }

    /** Called once for each stream when both sides are closed. */
    void closed() {
        open.decrementAndGet();
    }

    /** Called once for each stream when its response is complete. */
    void completed() {
        incomplete.decrementAndGet();
    }

    boolean inFlight() {
        return incomplete.get() > 0;
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    boolean any(Predicate<Http2Exchange> condition) {
        return running.values().stream().anyMatch(condition);
    }

    void forEach(Consumer<Http2Exchange> action) {
        running.values().forEach(action);
    }
}

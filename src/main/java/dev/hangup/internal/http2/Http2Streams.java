package dev.hangup.internal.http2;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The streams of one connection.
 * <p>
 * Opened by the connection's thread; looked up by all. What a client can make grow is bounded: the streams in flight by
 * what the listener allows, the two others by constants.
 */
final class Http2Streams {
    /** How many resets are remembered that came while Helidon was far behind; those that are not are seen later. */
    private static final int MOST_RESET_EARLY = 256;
    /** Of how many streams frames are still expected that were under way when the server ended them. */
    private static final int MOST_CUT_SHORT = 1000;

    /** What it costs to remember one of these, in bytes, roughly. */
    private static final int CUT_SHORT_COST = 512;

    private final IntConsumer charge;
    /** Those that Helidon runs. */
    private final Map<Integer, Http2Exchange> running = new ConcurrentHashMap<>();
    private final Set<Integer> resetEarly = ConcurrentHashMap.newKeySet();
    private final AtomicInteger unanswered = new AtomicInteger();
    /** Those that count as open or half-closed (RFC 9113, 5.1.2). */
    private final AtomicInteger open = new AtomicInteger();
    private final Lock lock = new ReentrantLock();
    /** Those that ended before the client had ended its side, the oldest first. Guarded by lock. */
    private final Map<Integer, Http2Exchange> cutShort = new LinkedHashMap<>();
    /** The newest that the client has opened, or has tried to. Written by the connection's thread. */
    private volatile int last;

    /**
     * @param charge told how many bytes more are held
     */
    Http2Streams(IntConsumer charge) {
        this.charge = charge;
    }

    /** For the connection's thread: whether a stream is not new. */
    boolean known(int id) {
        return id <= last;
    }

    int last() {
        return last;
    }

    /** How many are open, as the client counts. */
    int open() {
        return open.get();
    }

    /** A stream is none, since it was refused. For the connection's thread. */
    void refuse(int id) {
        last = id;
        resetEarly.remove(id);
    }

    void open(Http2Exchange stream) {
        last = stream.id();
        unanswered.incrementAndGet();
        open.incrementAndGet();
        running.put(stream.id(), stream);
        if (resetEarly.remove(stream.id())) {
            stream.resetByClient();
        }
    }

    /** The client has reset a stream. On the thread that reads, which may be far ahead of the connection's. */
    void resetEarly(int id) {
        if (!known(id) && resetEarly.size() < MOST_RESET_EARLY) {
            resetEarly.add(id);
        }
        // after that: either it is here by now, or the thread that opens it finds it there
        Http2Exchange stream = get(id);
        if (stream != null) {
            resetEarly.remove(id);
            stream.resetByClient();
        }
    }

    /** The stream, or {@code null} if it is over or was never opened. */
    Http2Exchange get(int id) {
        return running.get(id);
    }

    /** The server wants no more of a stream, of which more may come. Whether that is new. */
    boolean cutShort(Http2Exchange stream) {
        lock.lock();
        try {
            // guards against the race with the client's end of the stream, after which nothing is looked up here
            boolean isNew = stream.bodyOpen() && cutShort.put(stream.id(), stream) == null;
            if (isNew) {
                charge.accept(CUT_SHORT_COST);
            }
            if (cutShort.size() > MOST_CUT_SHORT) {
                forgetCutShort(cutShort.keySet().iterator().next());
            }
            return isNew;
        } finally {
            lock.unlock();
        }
    }

    /** The stream of which more may come, though it is over; {@code null} if none may. */
    Http2Exchange cutShort(int id) {
        lock.lock();
        try {
            return cutShort.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more may come of a stream. */
    void ended(int id) {
        lock.lock();
        try {
            forgetCutShort(id);
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private void forgetCutShort(int id) {
        if (cutShort.remove(id) != null) {
            charge.accept(-CUT_SHORT_COST);
        }
    }

    /** Helidon has done with a stream. */
    void forget(Http2Exchange stream) {
        running.remove(stream.id(), stream);
    }

    /** A stream is closed for both sides. To be called once for each. */
    void closed() {
        open.decrementAndGet();
    }

    /** A request was answered. To be called once for each stream. */
    void answered() {
        unanswered.decrementAndGet();
    }

    boolean inFlight() {
        return unanswered.get() > 0;
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    void forEach(Consumer<Http2Exchange> action) {
        running.values().forEach(action);
    }
}

package dev.hangup.internal.http2;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.connection.ReadAheadShare;

/**
 * The streams of one connection that ended in the server before their clients had ended their sides. Frames may still arrive that
 * were under way: those of other streams that have ended are an error of the connection. A stream is remembered until its client
 * has ended or reset it, or has read that the server has reset it ({@link ReadResets}).
 */
final class CutShortStreams {
    /**
     * The maximum number of streams that the server has ended while frames of theirs, which are still expected, were under way; and
     * of those that are over since.
     */
    private static final int MAX = 1000;
    /** The approximate cost of remembering one of these streams, in bytes. */
    private static final int COST = 512;

    private final ReadAheadShare share;
    private final Lock lock = new ReentrantLock();
    /** The streams, the oldest first. Guarded by lock. */
    private final Map<Integer, Http2Exchange> streams = new LinkedHashMap<>();
    /**
     * The streams whose resets the client has read, the oldest first. Frames may still come that the client was about to write.
     * Guarded by lock.
     */
    private final Set<Integer> late = new LinkedHashSet<>();

    /** @param share charged for the streams that are remembered */
    CutShortStreams(ReadAheadShare share) {
        this.share = share;
    }

    /** Records that the server has ended a stream whose client may send more. Returns whether this is new. */
    boolean add(Http2Exchange stream) {
        lock.lock();
        try {
            // guards against the race with the client's end of the stream, after which no frames are expected
            boolean isNew = stream.bodyOpen() && streams.put(stream.id, stream) == null;
            if (isNew) {
                share.charge(COST);
            }
            if (streams.size() > MAX) {
                forget(streams.keySet().iterator().next());
            }
            return isNew;
        } finally {
            lock.unlock();
        }
    }

    /** The ended stream on which more frames may arrive; {@code null} if there is none. */
    Http2Exchange get(int id) {
        lock.lock();
        try {
            return streams.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** Called when no more frames may arrive on a stream. */
    void ended(int id) {
        lock.lock();
        try {
            forget(id);
            late.remove(id);
        } finally {
            lock.unlock();
        }
    }

    /** The streams that were reset before the client had ended its side. */
    List<Integer> thoseReset() {
        lock.lock();
        try {
            return streams.values().stream().filter(Http2Exchange::isReset).map(it -> it.id).toList();
        } finally {
            lock.unlock();
        }
    }

    /** On the connection's thread: called when the client has read the resets of these streams. */
    void resetsRead(List<Integer> ids) {
        lock.lock();
        try {
            for (int id : ids) {
                Http2Exchange stream = forget(id);
                if (stream != null) {
                    stream.bodyEnds();
                    late.add(id);
                }
            }
            while (late.size() > MAX) {
                late.remove(late.iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the client has read the reset of a stream, so that at most late frames arrive. */
    boolean isLate(int id) {
        lock.lock();
        try {
            return late.contains(id);
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private Http2Exchange forget(int id) {
        Http2Exchange stream = streams.remove(id);
        if (stream != null) {
            share.charge(-COST);
        }
        return stream;
    }
}

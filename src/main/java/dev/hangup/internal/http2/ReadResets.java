package dev.hangup.internal.http2;

import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds out which resets of the server the client has read.
 * <p>
 * A client that reads a reset sends nothing more on that stream, not even its end (RFC 9113, 5.1). So the server would remember the
 * stream for as long as the connection lasts. The acknowledgement of a PING shows that everything written before the PING was read.
 * One PING at a time is under way, however many streams are reset meanwhile; those are asked for by the next one.
 */
final class ReadResets {
    /** The data of the PING that follows resets. */
    private static final long DATA = 0x7265_7365_7473_0000L;

    private final CutShortStreams streams;
    private final FrameWriter writer;
    private final Lock lock = new ReentrantLock();
    /** The streams that were reset before the PING under way; empty if there is none. Guarded by lock, as is the next field. */
    private List<Integer> asked = List.of();
    /** Whether other streams were reset since then. */
    private boolean more;

    ReadResets(CutShortStreams streams, FrameWriter writer) {
        this.streams = streams;
        this.writer = writer;
    }

    /** Called when a reset of a stream was written whose client may send more. */
    void written() {
        lock.lock();
        try {
            more = true;
            if (!asked.isEmpty() || !ask()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        writer.writeSoon(Frame.ping(DATA));
    }

    /** On the connection's thread: called for each PING that the client acknowledges. Returns whether this class has sent it. */
    boolean pingAcknowledged(long data) {
        lock.lock();
        try {
            if (data != DATA || asked.isEmpty()) {
                return false;
            }
            streams.resetsRead(asked);
            asked = List.of();
            if (!more || !ask()) {
                return true;
            }
        } finally {
            lock.unlock();
        }
        writer.writeSoon(Frame.ping(DATA));
        return true;
    }

    /** With the lock: notes the streams to be asked for; returns whether there are any. */
    private boolean ask() {
        more = false;
        asked = streams.thoseReset();
        return !asked.isEmpty();
    }
}

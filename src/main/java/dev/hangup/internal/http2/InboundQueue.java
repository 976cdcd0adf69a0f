package dev.hangup.internal.http2;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The frames that Helidon receives before the client's next frame: replacements of frames that the client has sent, frames that
 * it has not sent, early ends of streams, and data that was held back.
 */
final class InboundQueue {
    private final Runnable wake;
    /** Owned by the connection's thread. */
    private final Queue<byte[]> made = new ArrayDeque<>();
    private final Queue<byte[]> injected = new ConcurrentLinkedQueue<>();
    private final Queue<Http2Exchange> aborted = new ConcurrentLinkedQueue<>();
    private final Queue<Http2Exchange> readable = new ConcurrentLinkedQueue<>();

    /**
     * @param wake makes the connection's thread check this queue, even if the client sends nothing
     */
    InboundQueue(Runnable wake) {
        this.wake = wake;
    }

    /** On the connection's thread: adds a frame that replaces the one just read. */
    void add(byte[] frame) {
        made.add(frame);
    }

    /** Makes the connection's thread check what is to be done, unless it reads the socket itself. On any thread. */
    void wake() {
        wake.run();
    }

    /** Adds a frame that the client has not sent. On any thread. */
    void inject(byte[] frame) {
        injected.add(frame);
        wake.run();
    }

    /** Adds the early end of a stream. On any thread. */
    void abort(Http2Exchange stream) {
        aborted.add(stream);
        wake.run();
    }

    /** Called when the handler of a stream has read some of the data, so that there may be room for more. On any thread. */
    void read(Http2Exchange stream) {
        readable.add(stream);
        wake.run();
    }

    /** On the connection's thread: registers a stream with data that was held back. */
    void hold(Http2Exchange stream) {
        readable.add(stream);
    }

    /**
     * On the connection's thread: returns the next frame.
     *
     * @param last whether the client sends no more
     * @return whole frames; {@code null} for none
     */
    byte[] next(boolean last) {
        byte[] next = made.poll();
        if (next == null) {
            next = injected.poll();
        }
        if (next == null) {
            next = nextReset();
        }
        return next == null ? nextHeld(last) : next;
    }

    private byte[] nextReset() {
        for (Http2Exchange stream = aborted.poll(); stream != null; stream = aborted.poll()) {
            if (stream.needsReset()) {
                stream.closedInHelidon();
                return Frame.reset(stream.id, Frame.CANCEL);
            }
        }
        return null;
    }

    private byte[] nextHeld(boolean last) {
        for (Http2Exchange stream = readable.peek(); stream != null; stream = readable.peek()) {
            byte[] frame = stream.isKnownToHelidon() ? stream.input.next(last) : null;
            if (frame != null) {
                if (Frame.parse(frame).endsStream()) {
                    stream.endDelivered();
                }
                return frame;
            }
            readable.remove();
        }
        return null;
    }
}

package dev.hangup.connection;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A client's frames as Helidon gets them: one at a time, without those that are not for it, and with some that the
 * client never sent. Only for the connection's thread, but for {@link #inject}.
 * <p>
 * One at a time, because Helidon blocks on the frame of a stream whose queue is full, and what it has not asked for can
 * still be kept from it.
 */
final class FrameReader implements Supplier<byte[]> {
    private static final byte[] NONE = new byte[0];

    private final Supplier<byte[]> source;
    private final Predicate<Frame> wanted;
    private final Queue<byte[]> injected = new ConcurrentLinkedQueue<>();
    private final byte[] header = new byte[Frame.HEADER];
    /** How much of the next header there is. */
    private int have;
    /** How many bytes there are before it, and whether Helidon is to get them. */
    private int left = Frame.PREFACE;
    private boolean passing = true;
    private byte[] chunk = NONE;
    private int at;
    /** Whose data Helidon gets, until it asks for what follows; 0 for no stream's. Written by the connection's thread. */
    private volatile int held;
    /** Helidon waits for more. Written by the connection's thread. */
    private volatile boolean asking;

    /**
     * @param source may return an empty array, to have its caller look for what was injected
     * @param wanted whether Helidon is to get a frame; asked once for each
     */
    FrameReader(Supplier<byte[]> source, Predicate<Frame> wanted) {
        this.source = source;
        this.wanted = wanted;
    }

    /** Gives Helidon a frame, as soon as it has had the whole of the one before it. For any thread. */
    void inject(byte[] frame) {
        injected.add(frame);
    }

    /** Whether the connection's thread is busy with data of a stream: blocked, perhaps, on its queue. For any thread. */
    boolean holds(int id) {
        return held == id && !asking;
    }

    /** Helidon will not ask any more. For the connection's thread. */
    void close() {
        held = 0;
    }

    @Override
    public byte[] get() {
        asking = true;
        try {
            return read();
        } finally {
            asking = false;
        }
    }

    private byte[] read() {
        if (have == 0 && left == 0) {
            held = 0;
        }
        while (true) {
            if (have == 0 && (left == 0 || !passing) && !injected.isEmpty()) {
                return injected.remove();
            }
            if (at == chunk.length) {
                chunk = source.get();
                at = 0;
                if (chunk == null) {
                    chunk = NONE;
                    return null;
                }
                continue;
            }
            byte[] next = next();
            if (next.length > 0) {
                return next;
            }
        }
    }

    private byte[] next() {
        int from = at;
        int before = have;
        if (left == 0) {
            int length = Math.min(Frame.HEADER - have, chunk.length - at);
            System.arraycopy(chunk, at, header, have, length);
            at += length;
            have += length;
            if (have < Frame.HEADER) {
                return NONE;
            }
            have = 0;
            Frame frame = Frame.parse(header);
            left = frame.length();
            // before it is asked: either the stream is seen to be over, or who ends it sees this
            held = frame.type() == Frame.DATA ? frame.streamId() : 0;
            passing = wanted.test(frame);
        }
        int payload = Math.min(left, chunk.length - at);
        left -= payload;
        at += payload;
        if (!passing) {
            return NONE;
        }
        if (before == 0) {
            return Arrays.copyOfRange(chunk, from, at);
        }
        byte[] frame = Arrays.copyOf(header, Frame.HEADER + payload);
        System.arraycopy(chunk, at - payload, frame, Frame.HEADER, payload);
        return frame;
    }
}

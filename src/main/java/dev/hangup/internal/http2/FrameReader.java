package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The frames of a client as Helidon receives them: one at a time, without those that Hangup withholds, and with some that the
 * client has not sent. Only for the connection's thread.
 * <p>
 * Frames are passed one at a time, so that Helidon has processed all earlier frames when Hangup decides about the next one.
 */
final class FrameReader implements Supplier<byte[]> {
    private static final byte[] NONE = new byte[0];

    private final Supplier<byte[]> source;
    private final Decisions decisions;
    private final FrameParser parser = new FrameParser();
    /** The decision about the frame that is being read; the preface passes. */
    private Passage passage = Passage.PASS;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private byte[] chunk = NONE;
    private int at;
    /** The source has ended: regularly if there is no failure. */
    private boolean ended;
    private RuntimeException failure;

    /**
     * @param source may return an empty array, which makes the caller check for frames that the client has not sent
     */
    FrameReader(Supplier<byte[]> source, Decisions decisions) {
        this.source = source;
        this.decisions = decisions;
    }

    @Override
    public byte[] get() {
        while (true) {
            if (passage != Passage.PASS || parser.left() == 0) {
                byte[] made = decisions.next();
                if (made != null) {
                    return made;
                }
            }
            if (at == chunk.length) {
                if (ended) {
                    if (failure != null) {
                        throw failure;
                    }
                    return null;
                }
                readOn();
                continue;
            }
            byte[] next = parser.left() == 0 ? header() : payload();
            if (next.length > 0) {
                return next;
            }
        }
    }

    private void readOn() {
        chunk = NONE;
        at = 0;
        try {
            byte[] read = source.get();
            ended = read == null;
            chunk = ended ? NONE : read;
        } catch (RuntimeException e) {
            ended = true;
            failure = e;
        }
        if (ended) {
            decisions.ended();
        }
    }

    /** Reads a header and the available part of the payload; returns what Helidon receives of it. */
    private byte[] header() {
        boolean cut = parser.inHeader();
        int from = at;
        at = parser.read(chunk, at);
        if (parser.inHeader()) {
            return NONE;
        }
        passage = decisions.begins(parser.frame());
        int payload = at;
        if (parser.left() > 0) {
            at = parser.read(chunk, at);
        }
        if (passage == Passage.COLLECT) {
            collect(payload);
        }
        if (passage != Passage.PASS) {
            return NONE;
        }
        if (!cut) {
            return Arrays.copyOfRange(chunk, from, at);
        }
        byte[] begun = Arrays.copyOf(parser.header(), Frame.HEADER + at - payload);
        System.arraycopy(chunk, payload, begun, Frame.HEADER, at - payload);
        return begun;
    }

    private byte[] payload() {
        int from = at;
        at = parser.read(chunk, at);
        if (passage == Passage.COLLECT) {
            collect(from);
        }
        return passage == Passage.PASS ? Arrays.copyOfRange(chunk, from, at) : NONE;
    }

    private void collect(int from) {
        if (parser.left() == 0 && collected.size() == 0) {
            decisions.complete(parser.frame(), Arrays.copyOfRange(chunk, from, at));
            return;
        }
        collected.write(chunk, from, at - from);
        if (parser.left() == 0) {
            byte[] payload = collected.toByteArray();
            collected.reset();
            decisions.complete(parser.frame(), payload);
        }
    }

    /** The decision about a frame. */
    enum Passage {
        /** Helidon receives the frame as it arrives. */
        PASS,
        /** Helidon does not receive the frame. */
        DROP,
        /** The decision is made once the frame is complete. */
        COLLECT
    }

    /** Decides what Helidon receives. */
    interface Decisions {
        /** Called once at the beginning of each frame. */
        Passage begins(Frame frame);

        /** Called when a frame to be {@link Passage#COLLECT collected} is complete. */
        void complete(Frame frame, byte[] payload);

        /** Called when the client sends no more. */
        void ended();

        /** Returns what Helidon receives before anything else: whole frames; {@code null} for none. */
        byte[] next();
    }
}

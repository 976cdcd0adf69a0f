package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A client's frames as Helidon gets them: one at a time, without those that are not for it, and with some that the client
 * never sent. Only for the connection's thread.
 * <p>
 * One at a time, so that each is decided on when all that came before it has had its effect on Helidon.
 */
final class FrameReader implements Supplier<byte[]> {
    private static final byte[] NONE = new byte[0];

    private final Supplier<byte[]> source;
    private final Decisions decisions;
    private final FrameParser parser = new FrameParser();
    /** What becomes of the frame that is being read; the preface passes. */
    private Passage passage = Passage.PASS;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private byte[] chunk = NONE;
    private int at;
    /** The source has ended: in order, if there is no failure. */
    private boolean ended;
    private RuntimeException failure;

    /**
     * @param source may return an empty array, to have its caller look for frames that the client has not sent
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

    /** Reads a header, and as much of the payload as is there; what of it Helidon gets. */
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

    /** What becomes of a frame. */
    enum Passage {
        /** Helidon gets it as it comes. */
        PASS,
        /** Helidon does not get it. */
        DROP,
        /** It is decided on when it is complete. */
        COLLECT
    }

    /** Who decides what Helidon gets. */
    interface Decisions {
        /** A frame begins. Called once for each. */
        Passage begins(Frame frame);

        /** A frame that was to be {@link Passage#COLLECT collected} is complete. */
        void complete(Frame frame, byte[] payload);

        /** The client sends no more. */
        void ended();

        /** What Helidon gets before anything else: whole frames; {@code null} for none. */
        byte[] next();
    }
}

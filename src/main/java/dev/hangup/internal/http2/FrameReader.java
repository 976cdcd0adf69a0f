package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The frames of a client as Helidon receives them: one at a time, without those that Hangup withholds, and with some that the
 * client has not sent. Only for the connection's thread.
 * <p>
 * Frames are passed one at a time, so that Helidon has processed all earlier frames when Hangup decides about the next one. They
 * are passed when they are complete: a client that never completes a frame must not hold up those that it has not sent, such as
 * the end of a stream.
 */
final class FrameReader implements Supplier<byte[]> {
    private static final byte[] NONE = new byte[0];

    private final Supplier<byte[]> source;
    private final Decisions decisions;
    private final FrameParser parser = new FrameParser();
    /** The decision about the frame that is being read. */
    private Decision decision;
    /** The part of a payload that has arrived, {@code null} if there is none. A long-lived connection must not keep it. */
    private ByteArrayOutputStream collected;
    private byte[] chunk = NONE;
    private int at;
    /** Whether the source has ended; without a failure if {@link #failure} is {@code null}. */
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
            if (!inPreface()) {
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
            byte[] next = readFrom();
            if (next.length > 0) {
                return next;
            }
        }
    }

    private boolean inPreface() {
        return parser.frame() == null && parser.left() > 0;
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

    /** Reads a header, or a part of a payload; returns the bytes that Helidon receives. */
    private byte[] readFrom() {
        int from = at;
        if (inPreface()) {
            at = parser.read(chunk, at);
            return Arrays.copyOfRange(chunk, from, at);
        }
        if (parser.left() > 0) {
            at = parser.read(chunk, at);
            return payload(from);
        }
        at = parser.read(chunk, at);
        if (parser.inHeader()) {
            return NONE;
        }
        decision = decisions.begins(parser.frame());
        return parser.left() == 0 ? payload(at) : NONE;
    }

    /** Takes the payload, which was read up to here. */
    private byte[] payload(int from) {
        boolean complete = parser.left() == 0;
        if (decision == Decision.DROP) {
            return NONE;
        }
        if (!complete && collected == null) {
            collected = new ByteArrayOutputStream(at - from);
        }
        if (collected != null) {
            collected.write(chunk, from, at - from);
        }
        if (!complete) {
            return NONE;
        }
        byte[] payload = collected == null ? Arrays.copyOfRange(chunk, from, at) : collected.toByteArray();
        collected = null;
        if (decision == Decision.PASS) {
            return parser.frame().with(payload);
        }
        decisions.complete(parser.frame(), payload);
        return NONE;
    }

    /** The decision about a frame. */
    enum Decision {
        /** Helidon receives the frame. */
        PASS,
        /** Helidon does not receive the frame. */
        DROP,
        /** The decision is made once the frame is complete. */
        COLLECT
    }

    /** Decides what Helidon receives. */
    interface Decisions {
        /** Called once at the beginning of each frame. */
        Decision begins(Frame frame);

        /** Called when a frame to be {@link Decision#COLLECT collected} is complete. */
        void complete(Frame frame, byte[] payload);

        /** Called when the client sends no more. */
        void ended();

        /** Returns what Helidon receives before anything else: whole frames; {@code null} for none. */
        byte[] next();
    }
}

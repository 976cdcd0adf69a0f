package dev.hangup.internal.abandonment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A message from one member of a cluster to the others: a version, its key, and for each event its kind, the hash of
 * the client and the route, the hash of the target, and its age in milliseconds.
 */
record AbandonmentBatch(ClientHash hash, List<Event> events) {
    /** The maximum number of events in a message. */
    static final int MAX_EVENTS = 200;

    private static final byte VERSION = 1;
    private static final int HEADER_SIZE = 1 + ClientHash.KEY_SIZE;
    private static final int EVENT_SIZE = 1 + ClientHash.SIZE + Integer.BYTES + Short.BYTES;
    private static final int MAX_AGE_MILLIS = 0xFFFF;

    byte[] encode(long now) {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_SIZE + events.size() * EVENT_SIZE).put(VERSION).put(hash.key());
        for (Event event : events) {
            long age = TimeUnit.NANOSECONDS.toMillis(now - event.moment.at());
            buffer.put((byte) event.kind.ordinal())
                    .put(ClientHash.bytes(event.clientRoute))
                    .putInt(event.moment.target())
                    .putShort((short) Math.clamp(age, 0, MAX_AGE_MILLIS));
        }
        return buffer.array();
    }

    static AbandonmentBatch decode(byte[] message, long now) throws IOException {
        int size = message.length - HEADER_SIZE;
        if (size < 0 || size % EVENT_SIZE != 0 || size / EVENT_SIZE > MAX_EVENTS || message[0] != VERSION) {
            throw new IOException("a message of " + message.length + " bytes"
                    + (message.length == 0 ? "" : " and version " + message[0]));
        }
        ByteBuffer buffer = ByteBuffer.wrap(message, 1, message.length - 1);
        byte[] key = new byte[ClientHash.KEY_SIZE];
        buffer.get(key);
        List<Event> events = new ArrayList<>();
        while (buffer.hasRemaining()) {
            Kind kind = Kind.of(buffer.get());
            byte[] hash = new byte[ClientHash.SIZE];
            buffer.get(hash);
            int target = buffer.getInt();
            long at = now - TimeUnit.MILLISECONDS.toNanos(Short.toUnsignedInt(buffer.getShort()));
            events.add(new Event(kind, ClientHash.clientRoute(hash), new Replacements.Moment(target, at, false)));
        }
        return new AbandonmentBatch(ClientHash.of(key), events);
    }

    enum Kind {
        /** A request that replaces or repeats another has arrived. */
        ARRIVED,
        /** The client of a request has left. */
        DEPARTED,
        /** Requests a message that contains only the key; never part of a message. */
        KEY;

        static Kind of(byte ordinal) throws IOException {
            return switch (ordinal) {
            case 0 -> ARRIVED;
            case 1 -> DEPARTED;
            default -> throw new IOException("an event of kind " + ordinal);
            };
        }
    }

    record Event(Kind kind, ClientRoute clientRoute, Replacements.Moment moment) {
        static final Event KEY = new Event(Kind.KEY, null, null);
    }
}

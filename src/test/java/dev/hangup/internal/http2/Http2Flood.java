package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

import dev.hangup.testing.Http2Client;

/** Frames that cost a client next to nothing, as many as it can send. */
enum Http2Flood {
    PING {
        @Override
        byte[] frame(int number) {
            return raw(6, 0, 0, new byte[8]);
        }
    },
    PING_ANSWERS {
        @Override
        byte[] frame(int number) {
            return raw(6, 1, 0, new byte[8]);
        }
    },
    SETTINGS {
        @Override
        byte[] frame(int number) {
            return raw(4, 0, 0, new byte[0]);
        }
    },
    SETTINGS_ANSWERS {
        @Override
        byte[] frame(int number) {
            return raw(4, 1, 0, new byte[0]);
        }
    },
    WINDOW_UPDATE {
        @Override
        byte[] frame(int number) {
            return Http2Client.windowUpdate(0, 1);
        }
    },
    PRIORITY {
        @Override
        byte[] frame(int number) {
            return raw(2, 0, 2 * number + 1, new byte[] {0, 0, 0, 0, 1});
        }
    },
    RESETS_OF_IDLE_STREAMS {
        @Override
        byte[] frame(int number) {
            return Http2Client.reset(2 * number + 1);
        }
    },
    UNKNOWN_TYPE {
        @Override
        byte[] frame(int number) {
            return raw(0xaa, 0, 0, new byte[0]);
        }
    },
    EMPTY_DATA {
        @Override
        byte[] frame(int number) {
            return number == 0 ? Http2Client.headers(1, "POST", "/work", false) : Http2Client.data(1, new byte[0], false);
        }
    },
    REQUESTS_THAT_ARE_RESET {
        @Override
        byte[] frame(int number) {
            int id = 2 * number + 1;
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.writeBytes(Http2Client.headers(id, "GET", "/work", true));
            both.writeBytes(Http2Client.reset(id));
            return both.toByteArray();
        }
    };

    abstract byte[] frame(int number);

    /** Many of its frames, from a number on. */
    byte[] frames(int from, int count) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(frame(from + i));
        }
        return all.toByteArray();
    }

    private static byte[] raw(int type, int flags, int id, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(id)
                .put(payload)
                .array();
    }
}

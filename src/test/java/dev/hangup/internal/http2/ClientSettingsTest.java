package dev.hangup.internal.http2;

import java.nio.ByteBuffer;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

/** What Helidon receives of a client's settings. */
class ClientSettingsTest {
    private static final int MAX_FRAME_SIZE = 5;
    private static final int LEAST = 16_384;

    /** Helidon copies what is left of a frame at each window update of its client. */
    @Test
    void largerFramesAreNotSent() {
        for (int size : new int[] {LEAST, LEAST + 1, 16_777_215}) {
            assertArrayEquals(setting(LEAST), ClientSettings.read(setting(size)).known());
        }
    }

    /** Helidon ends their connection, as it must (RFC 9113, 6.5.2). */
    @Test
    void sizesThatAreNotAllowedPass() {
        for (int size : new int[] {0, LEAST - 1, 16_777_216, -1}) {
            assertArrayEquals(setting(size), ClientSettings.read(setting(size)).known());
        }
    }

    private static byte[] setting(int frameSize) {
        return ByteBuffer.allocate(6).putShort((short) MAX_FRAME_SIZE).putInt(frameSize).array();
    }
}

package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BufferedWritesTest {
    private final BufferedWrites calls = new BufferedWrites(1000, false);

    @Test
    void areMadeInTheirOrder() throws IOException {
        calls.flush();
        calls.write((byte) 'a');
        calls.write((byte) -1);
        calls.write(new byte[] {'x', 'b', 'c', 'x'}, 1, 2);
        calls.write(new byte[0], 0, 0);
        calls.write(new byte[] {'d'}, 0, 1);
        calls.close();
        calls.close();
        calls.write((byte) 'e');
        assertEquals(List.of("flush", "97", "255", "bc", "", "d", "close", "close", "101"), made());
    }

    @Test
    void areAsManyAsWereHeld() throws IOException {
        for (int i = 0; i < 999; i++) {
            assertTrue(calls.hasRoom(1));
            calls.write((byte) i);
        }
        assertFalse(calls.hasRoom(1));
        assertEquals(999, made().size());
    }

    @Test
    void areBoundedEvenIfTheyWriteNothing() {
        int buffered = 0;
        while (calls.hasRoom(0) && buffered < 10_000) {
            calls.write(new byte[0], 0, 0);
            buffered++;
        }
        assertEquals(1000, buffered);
        assertTrue(calls.noBytes());
    }

    @Test
    void thatRepeatTakeNoRoom() {
        for (int i = 0; i < 10_000; i++) {
            calls.flush();
        }
        assertTrue(calls.hasRoom(999));
    }

    private List<String> made() throws IOException {
        List<String> made = new ArrayList<>();
        calls.replayTo(new OutputStream() {
            @Override
            public void write(int b) {
                made.add(String.valueOf(b));
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                made.add(new String(bytes, offset, length));
            }

            @Override
            public void flush() {
                made.add("flush");
            }

            @Override
            public void close() {
                made.add("close");
            }
        });
        return made;
    }
}

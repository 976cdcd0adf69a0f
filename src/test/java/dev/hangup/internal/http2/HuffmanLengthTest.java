package dev.hangup.internal.http2;

import java.util.Arrays;
import java.util.Random;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2HuffmanEncoder;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HuffmanLengthTest {
    /** Of short codes: Helidon 4.5.0 fails to encode texts that become longer by that ({@code Http2HuffmanEncoder.encode}). */
    private static final String SHORT = "aaeeiioosst";

    /** Every character, its code beginning at every bit of a byte. */
    @Test
    void countsEveryCharacter() {
        for (char letter = 0; letter < 128; letter++) {
            for (int times = 1; times < 20; times++) {
                assertCounted(SHORT.repeat(times) + String.valueOf(letter).repeat(times));
            }
        }
    }

    @Test
    void textThatItsCodeLengthensIsKnown() {
        assertFalse(HuffmanLength.lengthens("{{}"), "short texts are not encoded");
        assertFalse(HuffmanLength.lengthens("text/plain; charset=UTF-8"));
        assertFalse(HuffmanLength.lengthens("~" + SHORT));
        assertTrue(HuffmanLength.lengthens("{\"a\":1}"));
        assertTrue(HuffmanLength.lengthens("\u00fcber"));
    }

    /** As Helidon's encoder finds out. */
    @Test
    void lengthenedIsWhatHelidonCannotEncode() {
        Random random = new Random(2);
        int failed = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = 4 + random.nextInt(12); length > 0; length--) {
                text.append((char) (random.nextInt(4) == 0 ? random.nextInt(33, 256) : random.nextInt('a', 'z' + 1)));
            }
            WritableHeaders<?> headers = WritableHeaders.create();
            headers.set(HeaderValues.create(HeaderNames.create("x"), true, false, text.toString()));
            boolean fails = false;
            try {
                Http2Headers.create(headers).write(Http2Headers.DynamicTable.create(0), Http2HuffmanEncoder.create(),
                                                   BufferData.growing(64));
            } catch (ArrayIndexOutOfBoundsException e) {
                fails = true;
                failed++;
            }
            assertEquals(fails, HuffmanLength.lengthens(text.toString()), text::toString);
        }
        assertTrue(failed > 1000, "Only " + failed + " failed");
    }

    @Test
    void countsRandomTexts() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(SHORT);
            for (int length = random.nextInt(20); length > 0; length--) {
                text.append((char) random.nextInt(128)).append(SHORT, 0, 8 + random.nextInt(3));
            }
            assertCounted(text.toString());
        }
    }

    @Test
    void doesNotLookAtWhatIsAround() {
        byte[] encoded = encoded("www.example.com");
        byte[] around = new byte[encoded.length + 7];
        System.arraycopy(encoded, 0, around, 3, encoded.length);
        assertEquals(15, HuffmanLength.of(around, 3, 3 + encoded.length));
    }

    private static void assertCounted(String text) {
        byte[] encoded = encoded(text);
        assertEquals(text.length(), HuffmanLength.of(encoded, 0, encoded.length), text);
    }

    /** Helidon's encoding, without the lengths and the name before it. */
    private static byte[] encoded(String text) {
        BufferData buffer = BufferData.growing(16);
        Http2Headers.create(WritableHeaders.create().set(HeaderValues.create(HeaderNames.create("x"), true, false, text)))
                .write(Http2Headers.DynamicTable.create(0), Http2HuffmanEncoder.create(), buffer);
        byte[] block = new byte[buffer.available()];
        buffer.read(block);
        int from = 2 + (block[1] & 0x7f);
        if ((block[from++] & 0x7f) == 0x7f) {
            while (block[from++] < 0) {
                // the length goes on
            }
        }
        return Arrays.copyOfRange(block, from, block.length);
    }
}

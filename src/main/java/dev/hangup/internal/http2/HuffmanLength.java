package dev.hangup.internal.http2;

/**
 * The lengths of strings in the Huffman code of RFC 7541, appendix B, and without it.
 * <p>
 * The code is canonical: codes of one length are consecutive, and the first code of a length follows from those of the previous
 * length. So the number of codes of each length suffices to find the end of each character.
 */
final class HuffmanLength {
    private static final int LONGEST = 30;
    /** The number of codes of each length; 257 in total, including the end-of-string code. */
    private static final int[] CODES = {
            0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4};
    /** The longest text that Helidon 4.5.0 does not encode ({@code Http2Headers.HeaderApproach.write}). */
    private static final int SHORT = 3;
    /** The number of bits of each byte. */
    private static final byte[] BITS = {
            13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
            28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
            6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
            5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
            13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
            7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
            15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
            6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
            20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
            24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
            22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
            21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
            26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
            19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
            20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
            26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26
    };

    private HuffmanLength() {
    }

    /**
     * Counts the characters of the string in the bytes from {@code from} (inclusive) to {@code to} (exclusive). Its padding is not
     * checked.
     */
    static int of(byte[] bytes, int from, int to) {
        int characters = 0;
        int code = 0;
        int first = 0;
        int length = 0;
        for (int bit = from * 8; bit < to * 8; bit++) {
            code = code << 1 | bytes[bit >> 3] >> 7 - (bit & 7) & 1;
            length++;
            first = first + CODES[length - 1] << 1;
            if (code - first < CODES[length]) {
                characters++;
                code = 0;
                first = 0;
                length = 0;
            } else if (length == LONGEST) {
                throw new HeaderCompressionException("Invalid Huffman code");
            }
        }
        return characters;
    }

    /**
     * Whether a text has fewer bytes than its code, so that Helidon 4.5.0 cannot encode it ({@code Http2HuffmanEncoder.encode}).
     * Text is taken as Helidon takes it, by the low byte of each character.
     */
    static boolean lengthens(String text) {
        int length = text.length();
        if (length <= SHORT) {
            return false;
        }
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits += BITS[text.charAt(i) & 0xff];
        }
        return bits > 8L * length;
    }
}

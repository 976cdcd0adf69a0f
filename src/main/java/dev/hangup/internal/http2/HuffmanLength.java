package dev.hangup.internal.http2;

/**
 * Counts the characters of a string in the Huffman code of RFC 7541, appendix B.
 * <p>
 * The code is canonical: codes of one length are consecutive, and the first code of a length follows from those of the previous
 * length. So the number of codes of each length suffices to find the end of each character.
 */
final class HuffmanLength {
    private static final int LONGEST = 30;
    /** The number of codes of each length; 257 in total, including the end-of-string code. */
    private static final int[] CODES = {
            0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4};

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
}

package dev.hangup.internal.http2;

/**
 * The number of characters in a string that is Huffman-coded as in RFC 7541, appendix B.
 * <p>
 * That code is canonical: the codes of one length follow each other, and the first of a length follows from those of the
 * length before. So how many codes there are of each length is all that is needed to tell where a character ends.
 */
final class HuffmanLength {
    private static final int LONGEST = 30;
    /** How many codes there are of each length; by their sum 257, the end of the string among them. */
    private static final int[] CODES = {
            0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4};

    private HuffmanLength() {
    }

    /**
     * Counts characters.
     *
     * @param bytes holds the string
     * @param from  its first byte
     * @param to    the byte after its last
     * @return how many characters it decodes to; what its padding may be does not matter
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

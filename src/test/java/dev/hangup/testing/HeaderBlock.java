package dev.hangup.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A header block that is written by hand, field by field (RFC 7541). No string in it is Huffman-coded. */
public final class HeaderBlock {
    /** The index of the newest entry of the dynamic table. */
    public static final int NEWEST = 62;

    private static final int AUTHORITY = 1;
    private static final int METHOD = 2;
    private static final int PATH = 4;
    private static final int SCHEME = 6;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A block without fields, as trailers begin. */
    public HeaderBlock() {
    }

    /** The block of a request; what is added to it follows its pseudo-header fields, none of which changes the table. */
    public static HeaderBlock request(String method, String path) {
        return request(method, path, "localhost");
    }

    /** As {@link #request(String, String)}, for a host. */
    public static HeaderBlock request(String method, String path, String authority) {
        return new HeaderBlock()
                .literal(METHOD, method)
                .literal(SCHEME, "http")
                .literal(PATH, path)
                .literal(AUTHORITY, authority);
    }

    /** A literal field that does not change the table. */
    public HeaderBlock field(String name, String value) {
        bytes.write(0);
        return text(name).text(value);
    }

    /** A literal field that is added to the table. */
    public HeaderBlock added(String name, String value) {
        bytes.write(0x40);
        return text(name).text(value);
    }

    /** A literal field that is added to the table, and has the name of an entry of it. */
    public HeaderBlock added(int nameIndex, String value) {
        number(0x40, 6, nameIndex);
        return text(value);
    }

    /** A field of the table. */
    public HeaderBlock indexed(int index) {
        number(0x80, 7, index);
        return this;
    }

    /** A change of the table's size. */
    public HeaderBlock resized(int size) {
        number(0x20, 5, size);
        return this;
    }

    /** What there is of it. */
    public byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Helidon wants the names of pseudo-header fields from the static table. */
    private HeaderBlock literal(int nameIndex, String value) {
        number(0, 4, nameIndex);
        return text(value);
    }

    private HeaderBlock text(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.ISO_8859_1);
        number(0, 7, encoded.length);
        bytes.writeBytes(encoded);
        return this;
    }

    private void number(int kind, int bits, int number) {
        int most = (1 << bits) - 1;
        if (number < most) {
            bytes.write(kind | number);
            return;
        }
        bytes.write(kind | most);
        int left = number - most;
        while (left >= 0x80) {
            bytes.write(left & 0x7f | 0x80);
            left >>= 7;
        }
        bytes.write(left);
    }
}

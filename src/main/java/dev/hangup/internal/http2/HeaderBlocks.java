package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Header blocks (RFC 7541) on their way from an encoder to a decoder that does not see all of them. Not for more than one
 * thread at a time.
 * <p>
 * A header block refers to fields of earlier blocks: both ends keep a table of these, and blocks change it. So a block
 * cannot be left out, unless those that follow are translated. This class keeps the encoder's table. As long as the
 * decoder has seen everything that changed the table, blocks pass as they are. From the first change on that the decoder
 * has missed, each block is rewritten: what refers to the table is replaced by what stands there, and nothing is added to
 * the decoder's table any more. Such blocks are longer, but every decoder can read them. Strings are copied as they are
 * encoded; none is decoded.
 * <p>
 * A field that is larger than the whole table is the other reason to rewrite. It is no error (RFC 7541, 4.4), but
 * Helidon 4.5.0 tries for ever to make room for it ({@code Http2Headers.DynamicTable.add}).
 */
final class HeaderBlocks {
    /** The size of a table that nobody has changed, and the largest that Helidon announces (RFC 9113, 6.5.2). */
    static final int TABLE_SIZE = 4096;
    /** What a field counts beside its characters (RFC 7541, 4.1). */
    private static final int FIELD_OVERHEAD = 32;
    /** The pseudo-header fields stand first in the static table. */
    private static final int LAST_PSEUDO_HEADER = 14;
    /** Lengths of the names in the static table (RFC 7541, appendix A), which counts from 1. */
    private static final int[] STATIC_NAMES = {0, 10, 7, 7, 5, 5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 14, 15, 15, 13, 6, 27, 3, 5, 13, 13,
            19, 16, 16, 14, 16, 13, 12, 6, 4, 4, 6, 7, 4, 4, 8, 17, 13, 8, 19, 13, 4, 8, 12, 18, 19, 5, 7, 7, 11, 6, 10, 25,
            17, 10, 4, 3, 16};
    private static final int STATIC_ENTRIES = STATIC_NAMES.length - 1;
    private static final Entry[] STATIC_TABLE = IntStream.rangeClosed(0, STATIC_ENTRIES).mapToObj(Entry::new).toArray(Entry[]::new);

    /** The first bits of each kind of field, and how many bits of that byte are left for its number (RFC 7541, 6). */
    private static final int INDEXED = 0x80;
    private static final int INDEXED_BITS = 7;
    private static final int ADDED = 0x40;
    private static final int ADDED_BITS = 6;
    private static final int RESIZED = 0x20;
    private static final int RESIZED_BITS = 5;
    private static final int NEVER_ADDED = 0x10;
    private static final int LITERAL_BITS = 4;

    private final int maxListSize;
    /** The encoder's table, its newest entry at the end. */
    private final List<Entry> table = new ArrayList<>();
    private int tableSize;
    private int maxTableSize = TABLE_SIZE;
    /** The decoder's table is not the encoder's. */
    private boolean diverged;
    /** The decoder is to hear that its table is not used any more. */
    private boolean emptiesTable;

    // The block that is being read.
    private byte[] block;
    private int at;
    private boolean anyField;
    private boolean pseudoHeader;
    private boolean changedTable;
    private long listSize;
    /** Where the rewritten block grows; {@code null} while the block passes as it is. */
    private ByteArrayOutputStream rewritten;

    /**
     * @param maxListSize how large the fields of one block may be (RFC 9113, 6.5.2), as far as that shows without decoding
     *                    them
     */
    HeaderBlocks(int maxListSize) {
        this.maxListSize = maxListSize;
    }

    /**
     * Takes in a block that the decoder is to see.
     *
     * @return what the decoder is to see; {@code null} if the fields are larger than allowed, and it is not to see them
     * @throws HeaderCompressionException if no decoder can read the block
     */
    byte[] pass(byte[] block) {
        read(block, diverged);
        if (listSize > maxListSize) {
            diverged |= changedTable;
            return null;
        }
        return rewritten == null ? block : rewritten.toByteArray();
    }

    /**
     * Takes in a block that the decoder is not to see.
     *
     * @return whether it has a pseudo-header field
     * @throws HeaderCompressionException if no decoder can read the block
     */
    boolean skip(byte[] block) {
        read(block, false);
        diverged |= changedTable;
        return pseudoHeader;
    }

    /** The decoder allows less for its table than the encoder takes it to. */
    void emptyTable() {
        diverged = true;
        emptiesTable = true;
    }

    private void read(byte[] block, boolean rewrite) {
        this.block = block;
        at = 0;
        anyField = false;
        pseudoHeader = false;
        changedTable = false;
        listSize = 0;
        rewritten = null;
        if (rewrite) {
            rewriteFrom(0);
            if (emptiesTable) {
                emptiesTable = false;
                write(0, RESIZED, RESIZED_BITS);
            }
        }
        while (at < block.length) {
            readField();
        }
    }

    private void rewriteFrom(int start) {
        rewritten = new ByteArrayOutputStream(2 * block.length);
        rewritten.write(block, 0, start);
    }

    private void readField() {
        int start = at;
        int kind = block[at] & 0xff;
        if (kind >= INDEXED) {
            indexed(start);
        } else if (kind >= ADDED) {
            added(start);
        } else if (kind >= RESIZED) {
            resized();
        } else {
            literal(start, kind & NEVER_ADDED);
        }
    }

    private void indexed(int start) {
        int index = readNumber(INDEXED_BITS);
        Entry entry = entry(index);
        count(entry.size, entry.pseudoHeader);
        if (rewritten != null && index > STATIC_ENTRIES) {
            write(entry, 0, entry.value);
        } else {
            copyFrom(start);
        }
    }

    private void literal(int start, int kind) {
        int nameIndex = readNumber(LITERAL_BITS);
        int strings = at;
        boolean pseudo = nameIndex == 0 ? readText().beginsWithColon() : entry(nameIndex).pseudoHeader;
        Text value = readText();
        count(FIELD_OVERHEAD + at - strings, pseudo);
        if (rewritten != null && nameIndex > STATIC_ENTRIES) {
            write(entry(nameIndex), kind, value.encoded());
        } else {
            copyFrom(start);
        }
    }

    private void added(int start) {
        int nameIndex = readNumber(ADDED_BITS);
        Entry name = nameIndex == 0 ? new Entry(readText()) : entry(nameIndex);
        Entry entry = new Entry(name, readText());
        count(entry.size, entry.pseudoHeader);
        // Helidon 4.5.0 counts what is not ASCII by characters, not by octets (Http2Headers.DynamicTable.add)
        if (rewritten == null && (entry.size > maxTableSize || !entry.ascii)) {
            diverged = true;
            rewriteFrom(start);
        }
        if (rewritten != null) {
            write(entry, 0, entry.value);
        }
        changedTable = true;
        evictUntil(maxTableSize - entry.size);
        if (entry.size <= maxTableSize) {
            table.add(entry);
            tableSize += entry.size;
        }
    }

    private void resized() {
        int size = readNumber(RESIZED_BITS);
        if (anyField || size > TABLE_SIZE) {
            throw new HeaderCompressionException("Invalid change of the table's size");
        }
        changedTable = true;
        maxTableSize = size;
        evictUntil(size);
    }

    private void evictUntil(int size) {
        int evicted = 0;
        while (tableSize > size && evicted < table.size()) {
            tableSize -= table.get(evicted++).size;
        }
        table.subList(0, evicted).clear();
    }

    private Entry entry(int index) {
        if (index >= 1 && index <= STATIC_ENTRIES) {
            return STATIC_TABLE[index];
        }
        int newest = index - STATIC_ENTRIES;
        if (newest < 1 || newest > table.size()) {
            throw new HeaderCompressionException("No field has index " + index);
        }
        return table.get(table.size() - newest);
    }

    private void count(int size, boolean pseudo) {
        anyField = true;
        pseudoHeader |= pseudo;
        listSize += size;
    }

    private void copyFrom(int start) {
        if (rewritten != null) {
            rewritten.write(block, start, at - start);
        }
    }

    private void write(Entry name, int kind, byte[] value) {
        // what grows beyond the bound is not going to be used
        if (listSize <= maxListSize) {
            write(name.staticName, kind, LITERAL_BITS);
            rewritten.writeBytes(name.name);
            rewritten.writeBytes(value);
        }
    }

    private void write(int number, int kind, int bits) {
        int most = (1 << bits) - 1;
        if (number < most) {
            rewritten.write(kind | number);
            return;
        }
        rewritten.write(kind | most);
        int left = number - most;
        while (left >= 0x80) {
            rewritten.write(left & 0x7f | 0x80);
            left >>= 7;
        }
        rewritten.write(left);
    }

    /** Reads a number whose first bits share a byte with something else (RFC 7541, 5.1). */
    private int readNumber(int bits) {
        int most = (1 << bits) - 1;
        int number = readByte() & most;
        if (number < most) {
            return number;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            int next = readByte();
            number += (next & 0x7f) << shift;
            if (next < 0x80) {
                return number;
            }
        }
        throw new HeaderCompressionException("A number is too large");
    }

    private Text readText() {
        int start = at;
        boolean huffman = at < block.length && (block[at] & 0x80) != 0;
        int length = readNumber(7);
        if (length > block.length - at) {
            throw new HeaderCompressionException("A string is longer than its block");
        }
        at += length;
        return new Text(block, start, at - length, at, huffman);
    }

    private int readByte() {
        if (at == block.length) {
            throw new HeaderCompressionException("A field is longer than its block");
        }
        return block[at++] & 0xff;
    }

    /** A string as it is encoded in a block. */
    private record Text(byte[] block, int start, int contents, int end, boolean huffman) {
        private static final int HUFFMAN_COLON = 0b1011100;

        byte[] encoded() {
            return Arrays.copyOfRange(block, start, end);
        }

        int length() {
            return huffman ? HuffmanLength.of(block, contents, end) : end - contents;
        }

        boolean beginsWithColon() {
            return contents < end
                    && (huffman ? (block[contents] & 0xff) >> 1 == HUFFMAN_COLON : block[contents] == ':');
        }

        boolean ascii() {
            for (int i = contents; i < end && !huffman; i++) {
                if (block[i] < 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A field of a table, its strings as they were encoded. */
    private static final class Entry {
        private static final byte[] NONE = new byte[0];

        /** Where the name stands in the static table; 0 if it does not, and {@link #name} has it. */
        private final int staticName;
        private final byte[] name;
        private final byte[] value;
        private final int nameLength;
        /** What it counts in a table; without a value, what it counts at least. */
        private final int size;
        private final boolean pseudoHeader;
        private final boolean ascii;

        /** A field of the static table, or the name of one. */
        Entry(int staticName) {
            this.staticName = staticName;
            this.name = NONE;
            this.value = NONE;
            this.nameLength = STATIC_NAMES[staticName];
            this.size = nameLength + FIELD_OVERHEAD;
            this.pseudoHeader = staticName <= LAST_PSEUDO_HEADER;
            this.ascii = true;
        }

        /** A name that is in no table. */
        Entry(Text name) {
            this.staticName = 0;
            this.name = name.encoded();
            this.value = NONE;
            this.nameLength = name.length();
            this.size = nameLength + FIELD_OVERHEAD;
            this.pseudoHeader = name.beginsWithColon();
            this.ascii = name.ascii();
        }

        /** A field that has another's name. */
        Entry(Entry named, Text value) {
            this.staticName = named.staticName;
            this.name = named.name;
            this.value = value.encoded();
            this.nameLength = named.nameLength;
            this.size = nameLength + value.length() + FIELD_OVERHEAD;
            this.pseudoHeader = named.pseudoHeader;
            this.ascii = named.ascii && value.ascii();
        }
    }
}

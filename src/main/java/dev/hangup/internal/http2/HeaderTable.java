package dev.hangup.internal.http2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A table of header fields (RFC 7541, 2.3), static and dynamic, as kept by an encoder. Strings stay encoded. */
final class HeaderTable {
    /** The default size of a table, and the largest that Helidon announces (RFC 9113, 6.5.2). */
    static final int SIZE = 4096;
    /** The size that a field counts in addition to its characters (RFC 7541, 4.1). */
    static final int FIELD_OVERHEAD = 32;
    /** The index of the last pseudo-header field; these come first in the static table. */
    private static final int LAST_PSEUDO_HEADER = 14;
    /** Lengths of the names in the static table (RFC 7541, appendix A), whose indices start at 1. */
    private static final int[] STATIC_NAMES = {0, 10, 7, 7, 5, 5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 14, 15, 15, 13, 6, 27, 3, 5, 13, 13,
            19, 16, 16, 14, 16, 13, 12, 6, 4, 4, 6, 7, 4, 4, 8, 17, 13, 8, 19, 13, 4, 8, 12, 18, 19, 5, 7, 7, 11, 6, 10, 25,
            17, 10, 4, 3, 16};
    static final int STATIC_ENTRIES = STATIC_NAMES.length - 1;
    private static final Entry[] STATIC_TABLE = IntStream.rangeClosed(0, STATIC_ENTRIES)
            .mapToObj(Entry::new)
            .toArray(Entry[]::new);

    /** The dynamic entries, the newest one last. */
    private final List<Entry> entries = new ArrayList<>();
    private int size;
    private int maxSize = SIZE;

    /** The field with the given index. */
    Entry get(int index) {
        if (index >= 1 && index <= STATIC_ENTRIES) {
            return STATIC_TABLE[index];
        }
        int newest = index - STATIC_ENTRIES;
        if (newest < 1 || newest > entries.size()) {
            throw new HeaderCompressionException("No field has index " + index);
        }
        return entries.get(entries.size() - newest);
    }

    /** Whether the field fits in an empty table. */
    boolean takes(Entry entry) {
        return entry.size() <= maxSize;
    }

    /** Adds a field and evicts entries to make room; a field that does not fit evicts all. */
    void add(Entry entry) {
        evictUntil(maxSize - entry.size());
        if (takes(entry)) {
            entries.add(entry);
            size += entry.size();
        }
    }

    void resize(int maxSize) {
        this.maxSize = maxSize;
        evictUntil(maxSize);
    }

    private void evictUntil(int most) {
        int evicted = 0;
        while (size > most && evicted < entries.size()) {
            size -= entries.get(evicted++).size();
        }
        entries.subList(0, evicted).clear();
    }

    /** A string as encoded in a block. */
    record Text(byte[] block, int start, int contents, int end, boolean huffman) {
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

    /**
     * A field of a table, with its strings encoded.
     *
     * @param staticName index of the name in the static table; 0 if it is not there, and {@code name} holds it
     */
    record Entry(int staticName, byte[] name, int nameLength, byte[] value, int valueLength, boolean pseudoHeader,
                 boolean ascii) {
        private static final byte[] NONE = new byte[0];

        /** A field of the static table, or the name of one. */
        Entry(int staticName) {
            this(staticName, NONE, STATIC_NAMES[staticName], NONE, 0, staticName <= LAST_PSEUDO_HEADER, true);
        }

        /** A name that is not in the static table. */
        Entry(Text name) {
            this(0, name.encoded(), name.length(), NONE, 0, name.beginsWithColon(), name.ascii());
        }

        /** A field with the name of another. */
        Entry(Entry named, Text value) {
            this(named.staticName, named.name, named.nameLength, value.encoded(), value.length(), named.pseudoHeader,
                 named.ascii && value.ascii());
        }

        /** The size of the field in a table; without a value, the smallest possible size. */
        int size() {
            return nameLength + valueLength + FIELD_OVERHEAD;
        }
    }
}

package dev.hangup.internal.http2;

import io.helidon.common.buffers.BufferData;

/**
 * Header blocks (RFC 7541) between an encoder and a decoder that does not receive all of them. Not thread-safe.
 * <p>
 * A header block refers to fields of earlier blocks: both ends keep a table of these, and blocks change it. So a block cannot be
 * left out, unless those that follow are translated. This class keeps the encoder's {@link HeaderTable}. As long as the decoder
 * has seen everything that changed the table, blocks pass as they are. Once the decoder has missed a change, each block is
 * rewritten: references to the table are replaced by the fields they refer to, and nothing is added to the decoder's table any
 * more. Such blocks are longer, but every decoder can read them. Strings are copied as they are encoded; none is decoded.
 * <p>
 * A field that is larger than the whole table also causes rewriting. Such a field is not an error (RFC 7541, 4.4), but Helidon
 * 4.5.0 tries for ever to make room for it ({@code Http2Headers.DynamicTable.add}).
 */
final class HeaderBlocks {
    /** The first bits of each kind of field. The remaining bits of that byte hold the beginning of its number (RFC 7541, 6). */
    private static final int INDEXED = 0x80;
    private static final int INDEXED_BITS = 7;
    private static final int ADDED = 0x40;
    private static final int ADDED_BITS = 6;
    private static final int RESIZED = 0x20;
    private static final int RESIZED_BITS = 5;
    private static final int NEVER_ADDED = 0x10;
    private static final int LITERAL_BITS = 4;

    private final int maxListSize;
    /** The encoder's table. */
    private final HeaderTable table = new HeaderTable();
    /** Whether the decoder's table differs from the encoder's. */
    private boolean diverged;
    /** Whether to tell the decoder that its table is no longer used. */
    private boolean emptiesTable;

    // the block that is being read
    private byte[] block;
    private int at;
    private int fields;
    private boolean pseudoHeader;
    private boolean changedTable;
    private long listSize;
    /** The output for a rewritten block; {@code null} while the block passes unchanged. */
    private BufferData rewritten;

    /**
     * @param maxListSize the maximum size of the fields of one block (RFC 9113, 6.5.2), as far as it can be determined without
     *                    decoding them
     */
    HeaderBlocks(int maxListSize) {
        this.maxListSize = maxListSize;
    }

    /**
     * Processes a block that the decoder receives.
     *
     * @return the block for the decoder; {@code null} if the fields are too large, so that the decoder does not receive them
     * @throws HeaderCompressionException if no decoder can read the block
     */
    byte[] pass(byte[] block) {
        read(block, diverged);
        if (listSize > maxListSize) {
            diverged |= changedTable;
            return null;
        }
        return rewritten == null ? block : rewritten.readBytes();
    }

    /**
     * Processes a block that the decoder does not receive.
     *
     * @return whether the block has a pseudo-header field
     * @throws HeaderCompressionException if no decoder can read the block
     */
    boolean skip(byte[] block) {
        read(block, false);
        diverged |= changedTable;
        return pseudoHeader;
    }

    /** The number of fields of the latest block. */
    int fields() {
        return fields;
    }

    /** Called when the decoder's limit for its table is lower than the encoder assumes. */
    void emptyTable() {
        diverged = true;
        emptiesTable = true;
    }

    private void read(byte[] block, boolean rewrite) {
        this.block = block;
        at = 0;
        fields = 0;
        pseudoHeader = false;
        changedTable = false;
        listSize = 0;
        rewritten = null;
        if (rewrite) {
            rewriteFrom(0);
            if (emptiesTable) {
                emptiesTable = false;
                rewritten.writeHpackInt(0, RESIZED, RESIZED_BITS);
            }
        }
        while (at < block.length) {
            readField();
        }
    }

    private void rewriteFrom(int start) {
        rewritten = BufferData.growing(2 * block.length);
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
        HeaderTable.Entry entry = table.get(index);
        count(entry.size(), entry.pseudoHeader());
        if (rewritten != null && index > HeaderTable.STATIC_ENTRIES) {
            write(entry, 0, entry.value());
        } else {
            copyFrom(start);
        }
    }

    private void literal(int start, int kind) {
        int nameIndex = readNumber(LITERAL_BITS);
        int strings = at;
        boolean pseudo = nameIndex == 0 ? readText().beginsWithColon() : table.get(nameIndex).pseudoHeader();
        HeaderTable.Text value = readText();
        count(HeaderTable.FIELD_OVERHEAD + at - strings, pseudo);
        if (rewritten != null && nameIndex > HeaderTable.STATIC_ENTRIES) {
            write(table.get(nameIndex), kind, value.encoded());
        } else {
            copyFrom(start);
        }
    }

    private void added(int start) {
        int nameIndex = readNumber(ADDED_BITS);
        HeaderTable.Entry name = nameIndex == 0 ? new HeaderTable.Entry(readText()) : table.get(nameIndex);
        HeaderTable.Entry entry = new HeaderTable.Entry(name, readText());
        count(entry.size(), entry.pseudoHeader());
        // Helidon 4.5.0 counts non-ASCII text in characters instead of octets (Http2Headers.DynamicTable.add)
        if (rewritten == null && (!table.takes(entry) || !entry.ascii())) {
            diverged = true;
            rewriteFrom(start);
        }
        if (rewritten != null) {
            write(entry, 0, entry.value());
        }
        changedTable = true;
        table.add(entry);
    }

    private void resized() {
        int size = readNumber(RESIZED_BITS);
        if (fields > 0 || size > HeaderTable.SIZE) {
            throw new HeaderCompressionException("Invalid change of the table's size");
        }
        changedTable = true;
        table.resize(size);
    }

    private void count(int size, boolean pseudo) {
        fields++;
        pseudoHeader |= pseudo;
        listSize += size;
    }

    private void copyFrom(int start) {
        if (rewritten != null) {
            rewritten.write(block, start, at - start);
        }
    }

    private void write(HeaderTable.Entry name, int kind, byte[] value) {
        // output beyond the bound is not used
        if (listSize <= maxListSize) {
            rewritten.writeHpackInt(name.staticName(), kind, LITERAL_BITS);
            rewritten.write(name.name());
            rewritten.write(value);
        }
    }

    /** Reads a number whose first bits share a byte with other bits (RFC 7541, 5.1). */
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

    private HeaderTable.Text readText() {
        int start = at;
        boolean huffman = at < block.length && (block[at] & 0x80) != 0;
        int length = readNumber(7);
        if (length > block.length - at) {
            throw new HeaderCompressionException("A string is longer than its block");
        }
        at += length;
        return new HeaderTable.Text(block, start, at - length, at, huffman);
    }

    private int readByte() {
        if (at == block.length) {
            throw new HeaderCompressionException("A field is longer than its block");
        }
        return block[at++] & 0xff;
    }
}

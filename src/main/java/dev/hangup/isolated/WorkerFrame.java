package dev.hangup.isolated;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A message between a server and its worker: a kind, a name, and bytes. Each side checks the lengths that the other sends.
 *
 * @param kind  one of the constants
 * @param name  the name of the task; empty in responses
 * @param bytes the input, the result, or an exception encoded by {@link ExceptionCodec}
 */
record WorkerFrame(byte kind, String name, byte[] bytes) {
    static final byte CALL = 1;
    static final byte RESULT = 2;
    static final byte THROWN = 3;
    /** The first bytes from a worker; the last byte is the version of the format. */
    static final int GREETING = 0x48_47_57_01;
    static final int TOKEN_BYTES = 32;
    /** The maximum length of an exception in bytes. */
    static final int MAX_THROWN = 8 * 1024 * 1024;

    /** The bytes of a kind and two lengths. */
    private static final int HEADER_BYTES = Byte.BYTES + Short.BYTES + Integer.BYTES;
    /** The JDK copies each write of a channel to a native buffer, and keeps that buffer. */
    private static final int CHUNK = 64 * 1024;

    /** Returns a stream that reads from a channel, as long as the channel is open. */
    static DataInputStream input(SocketChannel channel) {
        InputStream input = Channels.newInputStream(channel);
        return new DataInputStream(new InputStream() {
            @Override
            public int read() throws IOException {
                return input.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return input.read(bytes, offset, Math.min(length, CHUNK));
            }
        });
    }

    static WorkerFrame read(DataInputStream input, int maxBytes) throws IOException {
        byte kind = input.readByte();
        byte[] name = new byte[input.readUnsignedShort()];
        input.readFully(name);
        int length = input.readInt();
        if (kind < CALL || kind > THROWN || kind != CALL && name.length > 0
                || length < 0 || length > (kind == THROWN ? MAX_THROWN : maxBytes)) {
            throw new IOException("Malformed frame: kind " + kind + ", " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        input.readFully(bytes);
        return new WorkerFrame(kind, new String(name, StandardCharsets.UTF_8), bytes);
    }

    void write(SocketChannel channel) throws IOException {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        int first = Math.min(bytes.length, CHUNK);
        // the length fits: a class file bounds the names of classes likewise
        writeFully(channel, ByteBuffer.allocate(HEADER_BYTES + encoded.length + first)
                .put(kind)
                .putShort((short) encoded.length)
                .put(encoded)
                .putInt(bytes.length)
                .put(bytes, 0, first)
                .flip());
        for (int offset = first; offset < bytes.length; offset += CHUNK) {
            writeFully(channel, ByteBuffer.wrap(bytes, offset, Math.min(CHUNK, bytes.length - offset)));
        }
    }

    private static void writeFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}

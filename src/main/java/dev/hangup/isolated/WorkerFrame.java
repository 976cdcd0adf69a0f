package dev.hangup.isolated;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

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

    private static final int HEADER_ROOM = 512;
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
        String name = input.readUTF();
        int length = input.readInt();
        if (kind < CALL || kind > THROWN || length < 0 || length > (kind == THROWN ? MAX_THROWN : maxBytes)) {
            throw new IOException("Unintelligible: kind " + kind + ", " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        input.readFully(bytes);
        return new WorkerFrame(kind, name, bytes);
    }

    void write(SocketChannel channel) throws IOException {
        Buffered start = new Buffered(Math.min(bytes.length, CHUNK) + HEADER_ROOM + 3 * name.length());
        DataOutputStream header = new DataOutputStream(start);
        header.writeByte(kind);
        header.writeUTF(name);
        header.writeInt(bytes.length);
        int first = Math.min(bytes.length, CHUNK);
        header.write(bytes, 0, first);
        writeFully(channel, start.buffer.flip());
        for (int offset = first; offset < bytes.length; offset += CHUNK) {
            writeFully(channel, ByteBuffer.wrap(bytes, offset, Math.min(CHUNK, bytes.length - offset)));
        }
    }

    private static void writeFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static final class Buffered extends OutputStream {
        private final ByteBuffer buffer;

        private Buffered(int size) {
            buffer = ByteBuffer.allocate(size);
        }

        @Override
        public void write(int b) {
            buffer.put((byte) b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            buffer.put(bytes, offset, length);
        }
    }
}

package dev.hangup.tls;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import dev.hangup.testing.Await;

/**
 * A TLS 1.3 client that sends whatever records it is asked to, which the JDK's does not. It knows one cipher suite and one
 * group, and believes any server.
 */
final class Tls13Client implements AutoCloseable {
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int DATA = 23;
    static final int KEY_UPDATE = 24;
    /** How many KeyUpdates one record can hold. */
    static final int PACKED = 16 * 1024 / 5;

    private final Socket socket;
    private final DataInputStream input;
    private final OutputStream output;
    /** {@code null} until the handshake has agreed on some, as the server's. */
    private Tls13Keys client;
    private Tls13Keys server;

    private Tls13Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) Await.TIME.toMillis());
        this.input = new DataInputStream(socket.getInputStream());
        this.output = socket.getOutputStream();
    }

    /** Connected, the handshake done. */
    static Tls13Client connect(int port) {
        try {
            Tls13Client client = new Tls13Client(new Socket(InetAddress.getLoopbackAddress(), port));
            new Tls13Handshake(client).run();
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From now on records are protected so. */
    void protect(Tls13Keys own, Tls13Keys servers) {
        client = own;
        server = servers;
    }

    /** Sends application data in a record of its own. */
    Tls13Client send(byte[] data) {
        return raw(record(DATA, data));
    }

    /** As {@link #send(byte[])}. */
    Tls13Client send(String data) {
        return send(data.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes as they are. */
    Tls13Client raw(byte[] bytes) {
        try {
            output.write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next record to send. */
    byte[] record(int type, byte[] content) {
        return client.seal(type, content);
    }

    /** The next record to send, with one KeyUpdate. */
    byte[] keyUpdate(boolean requested) {
        byte[] record = record(HANDSHAKE, new byte[] {KEY_UPDATE, 0, 0, 1, (byte) (requested ? 1 : 0)});
        client.update();
        return record;
    }

    /** The next record to send, with as many KeyUpdates as it can hold, which change the keys as often. */
    byte[] packedKeyUpdates() {
        return packedKeyUpdates(PACKED);
    }

    /** As {@link #packedKeyUpdates()}, with so many. */
    byte[] packedKeyUpdates(int count) {
        ByteBuffer content = ByteBuffer.allocate(5 * count);
        for (int i = 0; i < count; i++) {
            content.put(new byte[] {KEY_UPDATE, 0, 0, 1, 1});
        }
        byte[] record = record(HANDSHAKE, content.array());
        for (int i = 0; i < count; i++) {
            client.update();
        }
        return record;
    }

    /** The type and the content of the next record that comes. */
    Received receive() throws IOException {
        byte[] header = input.readNBytes(5);
        if (header.length < 5) {
            throw new EOFException();
        }
        byte[] content = new byte[ByteBuffer.wrap(header).getShort(3) & 0xFFFF];
        input.readFully(content);
        if (server == null || header[0] != DATA) {
            return new Received(header[0], content);
        }
        byte[] opened = server.open(header, content);
        Received received = new Received(opened[opened.length - 1], Arrays.copyOf(opened, opened.length - 1));
        if (received.type() == HANDSHAKE && received.content()[0] == KEY_UPDATE) {
            server.update();
        }
        return received;
    }

    /** Application data, until it ends with a text. */
    String receiveUntil(String end) {
        StringBuilder text = new StringBuilder();
        try {
            while (!text.toString().endsWith(end)) {
                Received received = receive();
                if (received.type() == DATA) {
                    text.append(received.text());
                }
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("The server ended the connection after: " + text, e);
        }
    }

    /** Waits until the server has ended the connection, whatever comes before. */
    void awaitEnd() {
        try {
            byte[] some = new byte[8 * 1024];
            while (input.read(some) >= 0) {
                // not looked at
            }
        } catch (SocketException e) {
            // a reset is an end, too
        } catch (IOException e) {
            throw new AssertionError("The server did not end the connection", e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A record that came.
     *
     * @param type    of its content
     * @param content in clear text
     */
    record Received(int type, byte[] content) {
        String text() {
            return new String(content, StandardCharsets.ISO_8859_1);
        }
    }
}

package dev.hangup.tls;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

import javax.crypto.KeyAgreement;

import dev.hangup.testing.Patience;

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
    private static final int FINISHED = 20;
    private static final int SERVER_HELLO = 2;
    private static final HexFormat HEX = HexFormat.of();

    private final Socket socket;
    private final DataInputStream input;
    private final OutputStream output;
    private final MessageDigest transcript;
    private Tls13Keys client;
    private Tls13Keys server;

    private Tls13Client(Socket socket) throws IOException, GeneralSecurityException {
        this.socket = socket;
        socket.setSoTimeout((int) Patience.TIME.toMillis());
        this.input = new DataInputStream(socket.getInputStream());
        this.output = socket.getOutputStream();
        this.transcript = MessageDigest.getInstance("SHA-256");
        handshake();
    }

    /** Connected, the handshake done. */
    static Tls13Client connect(int port) {
        try {
            return new Tls13Client(new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
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
        ByteBuffer content = ByteBuffer.allocate(5 * PACKED);
        for (int i = 0; i < PACKED; i++) {
            content.put(new byte[] {KEY_UPDATE, 0, 0, 1, 1});
        }
        byte[] record = record(HANDSHAKE, content.array());
        for (int i = 0; i < PACKED; i++) {
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

    private void handshake() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("XDH");
        generator.initialize(NamedParameterSpec.X25519);
        KeyPair pair = generator.generateKeyPair();
        byte[] hello = hello(((XECPublicKey) pair.getPublic()).getU());
        transcript.update(hello);
        raw(ByteBuffer.allocate(5 + hello.length).put((byte) HANDSHAKE).putShort((short) 0x0301)
                    .putShort((short) hello.length).put(hello).array());

        byte[] answer = receive().content();
        if (answer[0] != SERVER_HELLO) {
            throw new IOException("No ServerHello: " + HEX.formatHex(answer));
        }
        transcript.update(answer);
        byte[] empty = MessageDigest.getInstance("SHA-256").digest();
        byte[] early = Tls13Keys.hmac(new byte[32], new byte[32]);
        byte[] handshake = Tls13Keys.hmac(Tls13Keys.expand(early, "derived", empty, 32), shared(pair, answer));
        byte[] hash = hash();
        client = new Tls13Keys(Tls13Keys.expand(handshake, "c hs traffic", hash, 32));
        server = new Tls13Keys(Tls13Keys.expand(handshake, "s hs traffic", hash, 32));
        readFlight();

        byte[] main = Tls13Keys.hmac(Tls13Keys.expand(handshake, "derived", empty, 32), new byte[32]);
        hash = hash();
        byte[] verify = client.finished(hash);
        raw(record(HANDSHAKE, ByteBuffer.allocate(4 + verify.length).putInt(FINISHED << 24 | verify.length).put(verify).array()));
        client = new Tls13Keys(Tls13Keys.expand(main, "c ap traffic", hash, 32));
        server = new Tls13Keys(Tls13Keys.expand(main, "s ap traffic", hash, 32));
    }

    private void readFlight() throws IOException {
        ByteArrayOutputStream flight = new ByteArrayOutputStream();
        while (true) {
            Received received = receive();
            if (received.type() != HANDSHAKE) {
                throw new IOException("No handshake: " + received.type() + " " + HEX.formatHex(received.content()));
            }
            flight.write(received.content());
            ByteBuffer messages = ByteBuffer.wrap(flight.toByteArray());
            while (messages.remaining() >= 4) {
                int head = messages.getInt();
                if (messages.remaining() < (head & 0xFFFFFF)) {
                    break;
                }
                messages.position(messages.position() + (head & 0xFFFFFF));
                if (head >>> 24 == FINISHED) {
                    transcript.update(flight.toByteArray());
                    return;
                }
            }
        }
    }

    private byte[] hash() throws GeneralSecurityException {
        try {
            return ((MessageDigest) transcript.clone()).digest();
        } catch (CloneNotSupportedException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static byte[] hello(BigInteger u) {
        byte[] extensions = HEX.parseHex("002b0003020304"             // versions: 1.3
                                                 + "000a00060004001d0018"    // groups: x25519, and secp384r1 for the certificate
                                                 + "000d000a0008050304030804" + "0401" // how to sign
                                                 + "003300260024001d0020" + HEX.formatHex(littleEndian(u)));
        ByteBuffer hello = ByteBuffer.allocate(4 + 2 + 32 + 1 + 4 + 2 + 2 + extensions.length);
        hello.putInt(1 << 24 | hello.capacity() - 4)
                .putShort((short) 0x0303)
                .put(new byte[32])
                .put((byte) 0)
                .put(new byte[] {0, 2, 0x13, 1})
                .put(new byte[] {1, 0})
                .putShort((short) extensions.length).put(extensions);
        return hello.array();
    }

    /** What both know after the ServerHello. */
    private static byte[] shared(KeyPair pair, byte[] answer) throws GeneralSecurityException {
        ByteBuffer hello = ByteBuffer.wrap(answer, 4 + 2 + 32, answer.length - 4 - 2 - 32);
        hello.position(hello.position() + 1 + hello.get(hello.position()) + 3 + 2);
        byte[] share = null;
        while (hello.hasRemaining()) {
            int type = hello.getShort();
            byte[] value = new byte[hello.getShort()];
            hello.get(value);
            if (type == 0x33) {
                share = Arrays.copyOfRange(value, 4, value.length);
            }
        }
        KeyAgreement agreement = KeyAgreement.getInstance("XDH");
        agreement.init(pair.getPrivate());
        agreement.doPhase(KeyFactory.getInstance("XDH").generatePublic(
                new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, reversed(share)))), true);
        return agreement.generateSecret();
    }

    private static byte[] littleEndian(BigInteger u) {
        byte[] big = u.toByteArray();
        byte[] little = new byte[32];
        for (int i = 0; i < Math.min(32, big.length); i++) {
            little[i] = big[big.length - 1 - i];
        }
        return little;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
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

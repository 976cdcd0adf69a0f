package dev.hangup.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
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

/** The handshake of a {@link Tls13Client} (RFC 8446, 2 and 7.1): TLS_AES_128_GCM_SHA256, x25519, no look at the certificate. */
final class Tls13Handshake {
    private static final int FINISHED = 20;
    private static final int SERVER_HELLO = 2;
    private static final HexFormat HEX = HexFormat.of();

    private final Tls13Client client;
    private final MessageDigest transcript;

    Tls13Handshake(Tls13Client client) throws GeneralSecurityException {
        this.client = client;
        this.transcript = MessageDigest.getInstance("SHA-256");
    }

    void run() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("XDH");
        generator.initialize(NamedParameterSpec.X25519);
        KeyPair pair = generator.generateKeyPair();
        byte[] hello = hello(((XECPublicKey) pair.getPublic()).getU());
        transcript.update(hello);
        client.raw(ByteBuffer.allocate(5 + hello.length).put((byte) Tls13Client.HANDSHAKE).putShort((short) 0x0301)
                    .putShort((short) hello.length).put(hello).array());

        byte[] answer = client.receive().content();
        if (answer[0] != SERVER_HELLO) {
            throw new IOException("No ServerHello: " + HEX.formatHex(answer));
        }
        transcript.update(answer);
        byte[] empty = MessageDigest.getInstance("SHA-256").digest();
        byte[] early = Tls13Keys.hmac(new byte[32], new byte[32]);
        byte[] handshake = Tls13Keys.hmac(Tls13Keys.expand(early, "derived", empty, 32), shared(pair, answer));
        byte[] hash = hash();
        Tls13Keys keys = keys(handshake, "c hs traffic", hash);
        client.protect(keys, keys(handshake, "s hs traffic", hash));
        readFlight();

        byte[] main = Tls13Keys.hmac(Tls13Keys.expand(handshake, "derived", empty, 32), new byte[32]);
        hash = hash();
        byte[] verify = keys.finished(hash);
        client.raw(client.record(Tls13Client.HANDSHAKE, ByteBuffer.allocate(4 + verify.length)
                .putInt(FINISHED << 24 | verify.length).put(verify).array()));
        client.protect(keys(main, "c ap traffic", hash), keys(main, "s ap traffic", hash));
    }

    private static Tls13Keys keys(byte[] secret, String label, byte[] hash) {
        return new Tls13Keys(Tls13Keys.expand(secret, label, hash, 32));
    }

    private void readFlight() throws IOException {
        ByteArrayOutputStream flight = new ByteArrayOutputStream();
        while (true) {
            Tls13Client.Received received = client.receive();
            if (received.type() != Tls13Client.HANDSHAKE) {
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
        byte[] extensions = HEX.parseHex("002b0003020304"                    // versions: 1.3
                                                 + "000a00060004001d0018"              // groups: x25519, and secp384r1 for the certificate
                                                 + "000d000a00080503040308040401"      // how to sign
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
}

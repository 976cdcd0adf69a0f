package dev.hangup.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** One direction's traffic keys of TLS_AES_128_GCM_SHA256, and what they protect (RFC 8446, 5.2 and 7). */
final class Tls13Keys {
    private static final int KEY = 16;
    private static final int NONCE = 12;
    private static final int TAG = 16;

    private byte[] secret;
    private SecretKeySpec key;
    private byte[] iv;
    private long sequence;

    Tls13Keys(byte[] secret) {
        use(secret);
    }

    /** As after a KeyUpdate. */
    void update() {
        use(expand(secret, "traffic upd", new byte[0], secret.length));
    }

    /** The value of a Finished message under this secret. */
    byte[] finished(byte[] transcriptHash) {
        return hmac(expand(secret, "finished", new byte[0], secret.length), transcriptHash);
    }

    /** A whole record. */
    byte[] seal(int type, byte[] content) {
        byte[] inner = Arrays.copyOf(content, content.length + 1);
        inner[content.length] = (byte) type;
        byte[] header = ByteBuffer.allocate(5).put((byte) 23).putShort((short) 0x0303)
                .putShort((short) (inner.length + TAG)).array();
        byte[] sealed = crypt(Cipher.ENCRYPT_MODE, header, inner);
        return ByteBuffer.allocate(header.length + sealed.length).put(header).put(sealed).array();
    }

    /** What was in a record, and as its last byte its type. */
    byte[] open(byte[] header, byte[] sealed) {
        byte[] inner = crypt(Cipher.DECRYPT_MODE, header, sealed);
        int end = inner.length;
        while (inner[end - 1] == 0) {
            end--;
        }
        return Arrays.copyOf(inner, end);
    }

    static byte[] expand(byte[] secret, String label, byte[] context, int length) {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        byte[] info = ByteBuffer.allocate(2 + 1 + name.length + 1 + context.length + 1)
                .putShort((short) length)
                .put((byte) name.length).put(name)
                .put((byte) context.length).put(context)
                .put((byte) 1)
                .array();
        // no more than one hash's length is asked for
        return Arrays.copyOf(hmac(secret, info), length);
    }

    static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void use(byte[] next) {
        secret = next;
        key = new SecretKeySpec(expand(next, "key", new byte[0], KEY), "AES");
        iv = expand(next, "iv", new byte[0], NONCE);
        sequence = 0;
    }

    private byte[] crypt(int mode, byte[] header, byte[] data) {
        byte[] nonce = ByteBuffer.wrap(iv.clone()).putLong(NONCE - Long.BYTES,
                                                           ByteBuffer.wrap(iv).getLong(NONCE - Long.BYTES) ^ sequence++).array();
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG * Byte.SIZE, nonce));
            cipher.updateAAD(header);
            return cipher.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}

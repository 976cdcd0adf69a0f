package dev.hangup.internal.abandonment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Hashes clients with a key that only the members of a cluster know. */
final class ClientHash {
    /** The size of a hash. */
    static final int SIZE = 16;
    /** The size of a key: the time of its creation in milliseconds, and random bytes. */
    static final int KEY_SIZE = Long.BYTES + 16;

    private static final String ALGORITHM = "HmacSHA256";
    /** Stands for the route, which is a part of the hash. */
    private static final Object EVERY_ROUTE = "";

    private final byte[] key;
    /** Has the key, and is copied for each hash. */
    private final Mac mac;

    private ClientHash(byte[] key) {
        this.key = key;
        try {
            this.mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has " + ALGORITHM, e);
        }
    }

    static ClientHash random() {
        byte[] key = new byte[KEY_SIZE];
        new SecureRandom().nextBytes(key);
        ByteBuffer.wrap(key).putLong(System.currentTimeMillis());
        return new ClientHash(key);
    }

    static ClientHash of(byte[] key) {
        return new ClientHash(key.clone());
    }

    byte[] key() {
        return key.clone();
    }

    /** A client on a route, as all members know it. */
    ClientRoute clientRoute(String route, String client) {
        Mac copy;
        try {
            copy = (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(ALGORITHM + " of the JDK can be copied", e);
        }
        copy.update(route.getBytes(StandardCharsets.UTF_8));
        // separates the two: no route contains this byte
        copy.update((byte) 0);
        return clientRoute(Arrays.copyOf(copy.doFinal(client.getBytes(StandardCharsets.UTF_8)), SIZE));
    }

    static ClientRoute clientRoute(byte[] hash) {
        return new ClientRoute(new String(hash, StandardCharsets.ISO_8859_1), EVERY_ROUTE);
    }

    static byte[] bytes(ClientRoute clientRoute) {
        return clientRoute.client().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Compares the keys; negative if this one is older. */
    int compareAge(ClientHash other) {
        return Arrays.compareUnsigned(key, other.key);
    }
}

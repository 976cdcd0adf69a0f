package dev.hangup.internal.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The owners of keys by rendezvous hashing: every member finds the same owner from the same view, and the same successor when an
 * owner is gone. A change of the view moves the keys of the member that has come or gone and no others.
 */
final class Owners {
    private Owners() {
    }

    /** Returns the owner of a key among the members that are not excluded; empty if all are. */
    static Optional<String> of(String route, byte[] key, List<String> members, Set<String> excluded) {
        return members.stream()
                .filter(it -> !excluded.contains(it))
                .max(Comparator.<String>comparingLong(it -> weight(it, route, key)).thenComparing(Comparator.naturalOrder()));
    }

    private static long weight(String member, String route, byte[] key) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
        digest.update(member.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(route.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        return ByteBuffer.wrap(digest.digest(key)).getLong();
    }
}

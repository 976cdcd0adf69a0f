package dev.hangup.internal.connection;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

/** A large body that a client sends from a thread of its own, as fast as the server takes it. */
final class Upload {
    static final int LENGTH = 16 * 1024 * 1024;
    private static final int PIECE = 16 * 1024;

    private final AtomicInteger accepted = new AtomicInteger();
    private final CompletableFuture<byte[]> digest = new CompletableFuture<>();
    private final Thread sender;

    /** Begins with a request's head. */
    Upload(RawClient client, String path) {
        client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + LENGTH + "\r\n\r\n");
        // a virtual thread's state tells when it blocks in its socket
        sender = Thread.startVirtualThread(() -> send(client));
    }

    /**
     * Waits until the server reads no more, and its client can send no more.
     *
     * @param full whether the server has read as much as it may
     */
    void awaitHeldBack(BooleanSupplier full) {
        Await.until("nobody reads", () -> full.getAsBoolean() && Usage.readers() == 0);
        Await.untilBlocked(sender);
    }

    /** How many bytes the server and what lies before it have taken. */
    int accepted() {
        return accepted.get();
    }

    /** The digest of all bytes, when they are sent. */
    byte[] digest() {
        return digest.join();
    }

    static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has it", e);
        }
    }

    private void send(RawClient client) {
        try {
            MessageDigest sha = sha();
            Random random = new Random(42);
            byte[] piece = new byte[PIECE];
            for (int sent = 0; sent < LENGTH; sent += PIECE) {
                random.nextBytes(piece);
                sha.update(piece);
                client.send(piece);
                accepted.addAndGet(PIECE);
            }
            digest.complete(sha.digest());
        } catch (RuntimeException e) {
            digest.completeExceptionally(e);
        }
    }
}

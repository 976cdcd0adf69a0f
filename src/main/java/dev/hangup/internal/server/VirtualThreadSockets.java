package dev.hangup.internal.server;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;

/**
 * The JDK's means to let virtual threads wait for sockets. They are created when a virtual thread waits for the first time, and
 * take file descriptors. If there are none at that moment, no virtual thread can ever wait for a socket in this JVM ({@code
 * sun.nio.ch.Poller}, JDK 25). So one waits before a server starts.
 */
final class VirtualThreadSockets {
    private static final CompletableFuture<Void> READY = new CompletableFuture<>();

    static {
        Thread.ofVirtual().name("hangup-first-wait").start(VirtualThreadSockets::await);
    }

    private VirtualThreadSockets() {
    }

    /** Returns when virtual threads can wait for sockets; throws if they cannot. */
    static void ensureReady() {
        READY.join();
    }

    private static void await() {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(1);
            socket.receive(new DatagramPacket(new byte[1], 1));
            READY.complete(null);
        } catch (SocketTimeoutException e) {
            // nobody sends anything
            READY.complete(null);
        } catch (IOException | RuntimeException | Error e) {
            READY.completeExceptionally(e);
        }
    }
}

package dev.hangup.isolated;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.hangup.internal.text.SafeLog;

/**
 * The Unix domain socket that workers connect to, in a directory that only this user may read, out of reach of any network. A
 * client must send the token of an expected worker within a short time.
 */
final class WorkerSocket implements AutoCloseable {
    private static final SafeLog LOGGER = new SafeLog(WorkerSocket.class);
    private static final int GREETING_SECONDS = 5;
    private static final int RETRY_MILLIS = 100;
    private static final SecureRandom RANDOM = new SecureRandom();

    final Path path;
    private final ServerSocketChannel channel;
    private final Set<Expected> expected = ConcurrentHashMap.newKeySet();

    private WorkerSocket(Path path, ServerSocketChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static WorkerSocket open(Path path) throws IOException {
        WorkerSocket socket = new WorkerSocket(path, ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        try {
            socket.channel.bind(UnixDomainSocketAddress.of(path));
            Thread.ofVirtual().name("hangup-isolated-accept").start(socket::accept);
            return socket;
        } catch (Throwable e) {
            socket.close();
            throw e;
        }
    }

    /** Returns a random token. */
    static byte[] token() {
        byte[] token = new byte[WorkerFrame.TOKEN_BYTES];
        RANDOM.nextBytes(token);
        return token;
    }

    /**
     * Returns the future connection of the worker that will send this token; to be cancelled when the worker is no longer
     * expected.
     */
    CompletableFuture<SocketChannel> expect(byte[] token) {
        Expected worker = new Expected(token, new CompletableFuture<>());
        expected.add(worker);
        worker.connection.whenComplete((connected, e) -> expected.remove(worker));
        return worker.connection;
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private void accept() {
        while (channel.isOpen()) {
            try {
                greet(channel.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (Throwable e) {
                // also an OutOfMemoryError, if no thread can be started to greet it: later workers must still be accepted
                LOGGER.warning("A worker could not be accepted", e);
                pause();
            }
        }
    }

    private void greet(SocketChannel connection) {
        CompletableFuture<Void> greeted = new CompletableFuture<>();
        greeted.orTimeout(GREETING_SECONDS, TimeUnit.SECONDS).exceptionally(e -> {
            LOGGER.warning("Refused a connection to the workers' socket: " + e, null);
            closeQuietly(connection);
            return null;
        });
        Thread.ofVirtual().name("hangup-isolated-greet").start(() -> {
            try {
                CompletableFuture<SocketChannel> worker = expectedAs(connection);
                // from here on, only the owner of the worker closes the channel, if there still is an owner
                if (greeted.complete(null) && !worker.complete(connection)) {
                    closeQuietly(connection);
                }
            } catch (IOException e) {
                greeted.completeExceptionally(e);
            }
        });
    }

    private CompletableFuture<SocketChannel> expectedAs(SocketChannel connection) throws IOException {
        DataInputStream input = WorkerFrame.input(connection);
        if (input.readInt() != WorkerFrame.GREETING) {
            throw new IOException("it did not send the greeting of a worker");
        }
        byte[] token = input.readNBytes(WorkerFrame.TOKEN_BYTES);
        for (Expected worker : expected) {
            if (MessageDigest.isEqual(worker.token, token)) {
                return worker.connection;
            }
        }
        throw new IOException("it sent an unknown token");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Could not close a socket", e);
        }
    }

    private record Expected(byte[] token, CompletableFuture<SocketChannel> connection) {
    }
}

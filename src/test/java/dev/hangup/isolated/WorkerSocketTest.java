package dev.hangup.isolated;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Logged;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who may talk to a server as its worker. */
class WorkerSocketTest {
    private final byte[] token = WorkerSocket.token();
    private PrivateDirectory directory;
    private WorkerSocket socket;
    private CompletableFuture<SocketChannel> expected;

    @BeforeEach
    void open() throws IOException {
        directory = PrivateDirectory.open();
        socket = WorkerSocket.open(directory.file("socket"));
        expected = socket.expect(token);
    }

    @AfterEach
    void close() {
        socket.close();
        directory.close();
        assertFalse(Files.exists(directory.file("socket")));
        assertFalse(Files.exists(directory.file("socket").getParent()));
    }

    @Test
    void onlyItsUserGetsThere() throws IOException {
        assertEquals("rwx------", PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.file("socket").getParent())));
    }

    @Test
    void whoKnowsTheWordIsTheWorker() throws Exception {
        try (SocketChannel worker = connect(); SocketChannel server = greeted(worker, WorkerFrame.GREETING, token)) {
            assertTrue(server.isConnected());
        }
    }

    @Test
    void whoDoesNotKnowItIsRefusedAndTheWorkerIsStillExpected() throws Exception {
        try (SocketChannel stranger = connect()) {
            greet(stranger, WorkerFrame.GREETING, WorkerSocket.token());
            assertRefused(stranger);
        }
        whoKnowsTheWordIsTheWorker();
    }

    @Test
    void whoDoesNotSpeakAsWorkersDoIsRefused() throws Exception {
        try (SocketChannel stranger = connect()) {
            greet(stranger, WorkerFrame.GREETING + 1, token);
            assertRefused(stranger);
        }
        assertFalse(expected.isDone());
    }

    @Test
    void theWordIsGoodForOneConnection() throws Exception {
        try (SocketChannel worker = connect(); SocketChannel server = greeted(worker, WorkerFrame.GREETING, token);
                SocketChannel second = connect()) {
            greet(second, WorkerFrame.GREETING, token);
            assertRefused(second);
            assertTrue(server.isOpen());
        }
    }

    @Test
    void whoSaysNothingKeepsNobodyFromConnectingAndIsRefusedInTheEnd() throws Exception {
        try (SocketChannel silent = connect()) {
            whoKnowsTheWordIsTheWorker();
            assertRefused(silent);
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket.path));
    }

    private SocketChannel greeted(SocketChannel worker, int greeting, byte[] word) throws Exception {
        greet(worker, greeting, word);
        return expected.get(20, TimeUnit.SECONDS);
    }

    private static void greet(SocketChannel connection, int greeting, byte[] word) throws IOException {
        connection.write(ByteBuffer.allocate(Integer.BYTES + word.length).putInt(greeting).put(word).flip());
    }

    private static void assertRefused(SocketChannel connection) throws IOException {
        try (Logged ignored = Logged.by(WorkerSocket.class.getName())) {
            assertEquals(-1, connection.read(ByteBuffer.allocate(1)));
        } catch (IOException e) {
            // a reset, since what was said was not all read
            assertTrue(e.getMessage().contains("reset"), e.getMessage());
        }
    }
}

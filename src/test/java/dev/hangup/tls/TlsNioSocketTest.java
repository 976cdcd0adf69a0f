package dev.hangup.tls;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

import dev.hangup.internal.connection.TlsClose;
import dev.hangup.testing.Await;
import dev.hangup.testing.FullTlsSocket;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.TlsNioSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What {@link FullDuplexEngine} is for. Once the first test fails, Helidon's socket can be read while it is written, and the
 * engine and its manager can go.
 */
class TlsNioSocketTest {
    private static final byte[] LARGE = new byte[20 * 1024 * 1024];

    @TempDir
    private static Path folder;
    private static SSLContext context;

    private final Trail trail = new Trail();
    private Thread reader;
    private volatile Thread writer;
    private volatile HelidonSocket socket;

    @BeforeAll
    static void generate() throws Exception {
        Path keys = new KeyFiles(folder).pair("1", "server");
        context = KeyFiles.client(keys, keys);
    }

    @Test
    @WorkedAroundBy({FullDuplexEngine.class, FullDuplexTls.class})
    void readerOfHelidonsOwnWaitsForTheWriter() throws Exception {
        try (ServerSocketChannel listener = listen(context.createSSLEngine()); Tls13Client client = connect(listener)) {
            updateKeysWhileWritten(client);
            Await.until("the reader waits for the writer's lock", () -> Arrays.stream(reader.getStackTrace())
                    .anyMatch(it -> it.getMethodName().equals("doHandshake")));
            assertEquals(List.of("read hello", "writes"), trail.events());
            readAll(client);
            trail.await("read x");
        }
    }

    @Test
    void readerOfAFullDuplexEngineDoesNot() throws Exception {
        SSLEngine engine = new FullDuplexEngine(context.createSSLEngine());
        try (ServerSocketChannel listener = listen(engine); Tls13Client client = connect(listener)) {
            updateKeysWhileWritten(client);
            trail.await("read x");
            readAll(client);
            trail.await("written");
            assertEquals(List.of("read hello", "writes", "read x", "written"), trail.events());
        }
    }

    @Test
    @WorkedAroundBy(value = FullDuplexEngine.class, members = "wrap")
    void dataThatAClosedEngineDoesNotTakeIsDroppedSilently() throws Exception {
        SSLEngine engine = context.createSSLEngine();
        try (ServerSocketChannel listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel server = listener.accept()) {
            HelidonSocket socket = TlsNioSocket.server(server, engine, "client", "listener");
            engine.closeOutbound();
            socket.write(BufferData.create(LARGE));
        }
    }

    @Test
    @WorkedAroundBy(value = TlsClose.class, members = "FrameWriter.breakOff")
    void closeWaitsForAWriterThatItsClientBlocks() throws Exception {
        try (ServerSocketChannel listener = listen(context.createSSLEngine()); Tls13Client client = connect(listener)) {
            client.send("hello");
            trail.await("writes");
            awaitFullSocket();
            Thread closer = Thread.startVirtualThread(socket::close);
            awaitIn(closer, "doClosure");
            Await.untilBlocked(closer);
            assertTrue(socket.isConnected());
            client.close();
            closer.join();
        }
    }

    @Test
    @WorkedAroundBy(TlsClose.class)
    void closeWaitsUntilItsClientTakesTheCloseNotify() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            FullTlsSocket full = FullTlsSocket.accept(listener, context);
            Thread closer = Thread.startVirtualThread(full.socket()::close);
            awaitIn(closer, "doClosure");
            Await.untilBlocked(closer);
            assertTrue(full.socket().isConnected());
            full.client().close();
            closer.join();
        }
    }

    private void awaitFullSocket() {
        // a wait for a lock or for a class does not last
        Await.until("the writer waits for its client", () -> writer != null && Arrays.stream(writer.getStackTrace())
                .anyMatch(it -> it.getClassName().equals("sun.nio.ch.SelChImpl") && it.getMethodName().equals("park")));
    }

    private void updateKeysWhileWritten(Tls13Client client) {
        client.send("hello");
        trail.await("writes");
        awaitFullSocket();
        Await.untilBlocked(reader);
        client.raw(client.keyUpdate(true)).send("x");
    }

    private static void readAll(Tls13Client client) throws Exception {
        int left = LARGE.length;
        while (left > 0) {
            Tls13Client.Received received = client.receive();
            if (received.type() == Tls13Client.DATA) {
                left -= received.content().length;
            }
        }
    }

    /** Takes one connection, which is written by a thread of its own once something was read. */
    private ServerSocketChannel listen(SSLEngine engine) throws Exception {
        ServerSocketChannel listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        reader = Thread.ofVirtual().start(() -> {
            try {
                socket = TlsNioSocket.server(listener.accept(), engine, "client", "listener");
                trail.add("read " + text(socket.get()));
                writer = Thread.startVirtualThread(() -> {
                    trail.add("writes");
                    socket.write(BufferData.create(LARGE));
                    trail.add("written");
                });
                trail.add("read " + text(socket.get()));
            } catch (Exception e) {
                trail.add(e.toString());
            }
        });
        return listener;
    }

    private static void awaitIn(Thread thread, String method) {
        Await.until("the thread is in " + method, () -> Arrays.stream(thread.getStackTrace())
                .anyMatch(it -> it.getMethodName().equals(method)));
    }

    private static Tls13Client connect(ServerSocketChannel listener) {
        return Tls13Client.connect(listener.socket().getLocalPort());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}

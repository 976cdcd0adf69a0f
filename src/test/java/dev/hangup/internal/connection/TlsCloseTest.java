package dev.hangup.internal.connection;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Await;
import dev.hangup.testing.FullTlsSocket;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingSocket;
import dev.hangup.testing.Transport;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.SocketWriter;
import io.helidon.common.socket.TlsNioSocket;
import io.helidon.webserver.ConnectionContext;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** TLS sockets are closed whatever their clients do. */
class TlsCloseTest {
    private static final Duration SOON = Duration.ofMillis(300);

    private ServerSocketChannel listener;
    private FullTlsSocket full;
    private ReadAhead readAhead;

    @BeforeEach
    void connect() throws Exception {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        full = FullTlsSocket.accept(listener, Transport.trusting());
        readAhead = new ReadAhead(new SocketSource(DataReader.create(() -> null), full.socket()), share(), "reader");
    }

    private static ReadAheadShare share() {
        return new ReadAheadBounds(512, 1024, 2048, 4096).share("client");
    }

    @AfterEach
    void leave() throws Exception {
        full.client().close();
        listener.close();
    }

    @Test
    void closeNotifyForWhichThereIsNoRoomIsGivenUp() {
        assertFalse(close(false).join(), "the thread is interrupted");
        assertFalse(full.socket().isConnected());
    }

    @Test
    void interruptIsKept() {
        assertTrue(close(true).join(), "the thread is interrupted");
        assertFalse(full.socket().isConnected());
    }

    /** It is one that Hangup does not know, such as a thread of the application's own. */
    @Test
    void writerThatIsBlockedIsBrokenOff() {
        readAhead.guard(() -> { });
        readAhead.watch();
        Thread writer = Thread.startVirtualThread(() -> full.socket().write(BufferData.create(new byte[1024 * 1024])));
        Await.untilBlocked(writer);
        close(false).join();
        Await.until("the writer has ended", () -> !writer.isAlive());
        assertFalse(full.socket().isConnected());
    }

    /** Whether a thread that was about to read, and that is to close the socket, comes to it in time does not matter. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closeNotifyIsSentInGoodOrderOnly(boolean inOrder) throws Exception {
        try (RecordingSocket tcp = new RecordingSocket(listener.socket().getLocalPort())) {
            HelidonSocket socket = TlsNioSocket.server(listener.accept(), Transport.trusting().createSSLEngine(), "", "");
            CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(socket::get);
            try (RawClient client = Transport.TLS_1_3.over(tcp).send("hello")) {
                read.join();
                ReadAhead heldBack = new ReadAhead(socket::get, share(), task -> Thread.ofVirtual().unstarted(() -> { }));
                heldBack.guard(() -> { });
                heldBack.watch();
                heldBack.hangUp();
                TlsClose.close(connection(socket), heldBack, new WriteMeter(), inOrder, Await.TIME);
                assertFalse(socket.isConnected());
                assertEquals(0, client.readToEnd().length);
                assertEquals(inOrder, tcp.endedInGoodOrder());
            }
        }
    }

    /** Closes it on a thread of its own; whether that is interrupted afterwards. */
    private CompletableFuture<Boolean> close(boolean interrupted) {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        ConnectionContext connection = connection(full.socket());
        Thread.startVirtualThread(() -> {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            TlsClose.close(connection, readAhead, new WriteMeter(), true, SOON);
            closed.complete(Thread.interrupted());
        });
        return closed.orTimeout(Await.TIME.toSeconds(), TimeUnit.SECONDS);
    }

    private static ConnectionContext connection(HelidonSocket socket) {
        return (ConnectionContext) Proxy.newProxyInstance(TlsCloseTest.class.getClassLoader(),
                new Class<?>[] {ConnectionContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "isSecure" -> true;
                case "serverSocket" -> socket;
                case "dataWriter" -> SocketWriter.create(socket);
                default -> throw new AssertionError("Unexpected: " + method);
                });
    }
}

package dev.hangup.testing;

import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import javax.net.ssl.SSLContext;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.TlsNioSocket;

/**
 * A server's TLS socket into which not one byte fits, although nobody writes to it.
 *
 * @param socket the server's side, whose handshake is done
 * @param client the client's side, which does not read
 */
public record FullTlsSocket(HelidonSocket socket, RawClient client) {
    private static final int BUFFER = 16 * 1024;
    /** How long nothing must fit: for a moment the client's side may still take some over. */
    private static final Duration FULL_FOR = Duration.ofMillis(500);

    /** Connects to a listener, and accepts that connection. */
    public static FullTlsSocket accept(ServerSocketChannel listener, SSLContext context) throws IOException {
        Socket tcp = new Socket();
        tcp.setReceiveBufferSize(BUFFER);
        tcp.connect(listener.getLocalAddress());
        SocketChannel channel = listener.accept();
        channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
        HelidonSocket socket = TlsNioSocket.server(channel, context.createSSLEngine(), "client", "listener");
        CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(socket::get);
        RawClient client = Transport.TLS_1_3.over(tcp).send("hello");
        read.join();
        fill(channel);
        return new FullTlsSocket(socket, client);
    }

    private static void fill(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        for (long since = System.nanoTime(); System.nanoTime() - since < FULL_FOR.toNanos();) {
            int size = BUFFER;
            while (size > 0) {
                if (channel.write(ByteBuffer.allocate(size)) > 0) {
                    since = System.nanoTime();
                } else {
                    size /= 2;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        channel.configureBlocking(true);
    }
}

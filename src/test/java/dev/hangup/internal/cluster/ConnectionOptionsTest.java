package dev.hangup.internal.cluster;

import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;

import io.helidon.common.socket.SocketOptions;

import jdk.net.ExtendedSocketOptions;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What is set on the sockets between members. */
class ConnectionOptionsTest {
    @Test
    void silentPeerIsGoneAfterThatTimeAndNoWriteIsDelayed() throws Exception {
        SocketOptions.Builder options = SocketOptions.builder();
        ConnectionOptions.goneAfter(Duration.ofSeconds(5)).set(options);
        try (Socket socket = new Socket()) {
            options.build().configureSocket(socket);
            assertEquals(true, socket.getOption(StandardSocketOptions.TCP_NODELAY));
            assertEquals(true, socket.getOption(StandardSocketOptions.SO_KEEPALIVE));
            assertEquals(5, socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)
                    + socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL) * socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT));
        }
    }
}

package dev.hangup.internal.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import dev.hangup.cluster.ClusterKeys;
import dev.hangup.testing.Await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Who is accepted on the port of a membership, and how long others are let to wait. */
class MemberSocketsTest {
    private final List<Socket> clients = new ArrayList<>();
    private SSLContext tls;
    private MemberSockets sockets;
    private ServerSocket listener;

    @BeforeEach
    void listen() throws Exception {
        tls = ClusterKeys.generate().tls().sslContext();
        listen(Duration.ofHours(1));
    }

    private void listen(Duration time) throws IOException {
        listen(new SSLParameters(), time);
    }

    private void listen(SSLParameters parameters, Duration time) throws IOException {
        sockets = new MemberSockets(tls, parameters, time);
        listener = sockets.createServerSocket("members");
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void silentClientIsDisconnectedAfterAWhile() throws Exception {
        listener.close();
        listen(MemberSockets.TIME);
        assertEquals(-1, client().getInputStream().read());
    }

    /** They would keep the threads of all handshakes otherwise. */
    @Test
    void oldestOfTooManySilentClientsIsDisconnected() throws Exception {
        Socket oldest = client();
        for (int i = 0; i < MemberSockets.MAX_HANDSHAKES; i++) {
            client();
        }
        assertEquals(-1, oldest.getInputStream().read());
        assertMemberIsAccepted();
    }

    @Test
    void clientWithoutACertificateIsNotAccepted() throws Exception {
        CompletableFuture<Socket> accepted = accept();
        SSLContext stranger = ClusterKeys.generate().tls().sslContext();
        SSLSocket client = overTls(stranger);
        assertThrows(SSLException.class, client::startHandshake);
        assertFalse(accepted.isDone());
        assertMemberIsAccepted(accepted);
    }

    @Test
    void protocolThatIsNotConfiguredIsNotAccepted() throws Exception {
        listener.close();
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        listen(parameters, MemberSockets.TIME);
        SSLSocket client = overTls(tls);
        client.setEnabledProtocols(new String[] {"TLSv1.2"});
        assertThrows(SSLException.class, client::startHandshake);
        assertMemberIsAccepted();
    }

    @Test
    void connectionsToOthersHaveTheConfiguredCipherSuites() throws Exception {
        SSLParameters parameters = new SSLParameters(new String[] {"TLS_AES_256_GCM_SHA384"});
        try (Socket connecting = new MemberSockets(tls, parameters).createSocket("member")) {
            assertArrayEquals(parameters.getCipherSuites(), ((SSLSocket) connecting).getEnabledCipherSuites());
        }
    }

    @Test
    void closeDisconnectsThoseWhoWait() throws Exception {
        Socket waiting = client();
        Await.until("its handshake has begun", () -> Thread.getAllStackTraces().keySet().stream()
                .anyMatch(it -> it.getName().equals("hangup-cluster-handshake")));
        listener.close();
        assertEquals(-1, waiting.getInputStream().read());
        Await.until("its threads end", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(it -> it.getName().equals("hangup-cluster-accept")));
    }

    /** The thread that takes them may have ended. */
    @Test
    void memberThatIsOneTooManyIsDisconnected() throws Exception {
        for (int i = 0; i < MemberSockets.MAX_HANDSHAKES; i++) {
            SSLSocket member = overTls(tls);
            member.startHandshake();
            Await.until("it is admitted", () -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(it -> it.getName().equals("hangup-cluster-handshake")));
        }
        SSLSocket oneTooMany = overTls(tls);
        oneTooMany.startHandshake();
        try {
            assertEquals(-1, oneTooMany.getInputStream().read());
        } catch (SSLException | SocketException e) {
            // the end without a close_notify
        }
        assertMemberIsAccepted(accept(MemberSockets.MAX_HANDSHAKES + 1));
    }

    /** JGroups does not close the server socket of a membership that fails to join. */
    @Test
    void serverSocketIsClosedWithItsFactory() {
        sockets.close();
        // a thread that is waiting in accept holds the port for a moment
        Await.until("the port is closed", this::isRefused);
    }

    private boolean isRefused() {
        try {
            client();
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertMemberIsAccepted() throws Exception {
        assertMemberIsAccepted(accept());
    }

    private void assertMemberIsAccepted(CompletableFuture<Socket> accepted) throws Exception {
        SSLSocket member = overTls(tls);
        member.getOutputStream().write(7);
        try (Socket socket = accepted.get(Await.TIME.toSeconds(), TimeUnit.SECONDS)) {
            assertEquals(7, socket.getInputStream().read());
        }
    }

    private CompletableFuture<Socket> accept() {
        return accept(1);
    }

    /** As the acceptor of JGroups; completes with the last of so many connections. */
    private CompletableFuture<Socket> accept(int count) {
        CompletableFuture<Socket> accepted = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                for (int i = 1; i < count; i++) {
                    listener.accept().close();
                }
                accepted.complete(listener.accept());
            } catch (IOException e) {
                accepted.completeExceptionally(e);
            }
        });
        return accepted;
    }

    private SSLSocket overTls(SSLContext tls) throws IOException {
        return (SSLSocket) tls.getSocketFactory().createSocket(client(), "127.0.0.1", listener.getLocalPort(), true);
    }

    /** One that sends nothing. */
    private Socket client() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        client.setSoTimeout((int) Await.TIME.toMillis());
        clients.add(client);
        return client;
    }
}

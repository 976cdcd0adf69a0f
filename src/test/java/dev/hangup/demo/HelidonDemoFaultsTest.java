package dev.hangup.demo;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.WebServer;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Faults of Helidon 4.5.0 that the demo works around; each as long as it is there. */
class HelidonDemoFaultsTest {
    private static final int STILL_OPEN_MILLIS = 200;

    private final Trail trail = new Trail();

    @Test
    @WorkedAroundBy(StartFailure.class)
    void takenPortIsNoErrorOfTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            WebServer server = WebServer.builder()
                    .address(InetAddress.getLoopbackAddress())
                    .port(taken.getLocalPort())
                    .featuresDiscoverServices(false)
                    .shutdownHook(false)
                    .build()
                    .start();
            assertFalse(server.isRunning());
        }
    }

    @Test
    @WorkedAroundBy(RelayClient.class)
    void interruptOfACallLeavesAReusedConnectionOpen() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            WebClient client = WebClient.builder()
                    .baseUri("http://127.0.0.1:" + listener.getLocalPort())
                    .servicesDiscoverServices(false)
                    .build();
            Thread caller = Thread.ofVirtual().start(() -> call(client));
            try (RawClient target = RawClient.over(listener.accept())) {
                target.readHead();
                target.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
                trail.await("first");
                target.readHead();
                Await.untilBlocked(caller);
                caller.interrupt();
                trail.awaitAny(it -> it.startsWith("second"), "second");
                target.socket().setSoTimeout(STILL_OPEN_MILLIS);
                assertThrows(SocketTimeoutException.class, () -> target.socket().getInputStream().read());
            }
        }
    }

    private void call(WebClient client) {
        trail.add(client.get("/").requestEntity(String.class));
        try {
            trail.add("second " + client.get("/").requestEntity(String.class));
        } catch (RuntimeException e) {
            trail.add("second failed: " + e);
        }
    }
}

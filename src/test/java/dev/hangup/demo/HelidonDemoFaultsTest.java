package dev.hangup.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.logging.Handler;
import java.util.stream.IntStream;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.WebServer;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Faults of Helidon 4.5.0 that the demo works around; each as long as it is there. */
class HelidonDemoFaultsTest {
    private static final int STILL_OPEN_MILLIS = 200;
    private static final int ATTEMPTS = 200;

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

    /** The JVM may start the hook that closes the log before Helidon's, which {@code Main} makes that one join. */
    @Test
    @WorkedAroundBy(LastLines.class)
    void logDoesNotWaitForAShutdownThatHasNotBegun() throws Exception {
        Constructor<?> handler = Class.forName("io.helidon.Main$KeepLoggingActiveHandler").getDeclaredConstructor(Thread.class);
        handler.setAccessible(true);
        Handler keeping = (Handler) handler.newInstance(Thread.ofPlatform().unstarted(() -> { }));
        Thread closing = Thread.startVirtualThread(keeping::close);
        assertTrue(closing.join(Duration.ofSeconds(5)), "it waits");
    }

    /** One that comes within a tenth of a second of the call's beginning, which a busy machine may miss. */
    @Test
    @WorkedAroundBy(RelayClient.class)
    void interruptOfACallLeavesAReusedConnectionOpen() {
        assertTrue(IntStream.range(0, ATTEMPTS).anyMatch(attempt -> staysOpen()));
    }

    private static boolean staysOpen() {
        Trail trail = new Trail();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            WebClient client = WebClient.builder()
                    .baseUri("http://127.0.0.1:" + listener.getLocalPort())
                    .servicesDiscoverServices(false)
                    .shareConnectionCache(false)
                    .build();
            Thread caller = Thread.ofVirtual().start(() -> call(client, trail));
            try (RawClient target = RawClient.over(listener.accept())) {
                target.readHead();
                target.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
                trail.await("first");
                target.readHead();
                Await.until("the caller reads", () -> Arrays.stream(caller.getStackTrace())
                        .anyMatch(it -> it.getClassName().endsWith(".IdleInputStream")));
                caller.interrupt();
                trail.await("failed");
                target.socket().setSoTimeout(STILL_OPEN_MILLIS);
                return target.socket().getInputStream().read() >= 0;
            }
        } catch (SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void call(WebClient client, Trail trail) {
        trail.add(client.get("/").requestEntity(String.class));
        try {
            trail.add("answered with " + client.get("/").requestEntity(String.class));
        } catch (RuntimeException e) {
            trail.add("failed");
        }
    }
}

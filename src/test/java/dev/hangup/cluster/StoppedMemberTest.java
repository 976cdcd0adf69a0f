package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** A member whose server has stopped. */
class StoppedMemberTest {
    @Test
    void itsPortsAreFreeAlthoughTheThreadThatStoppedItIsInterrupted() throws Exception {
        List<Integer> ports = FreePorts.of(2);
        ClusterConfig cluster = ClusterConfig.builder().port(ports.getFirst()).httpPort(ports.getLast())
                .tls(ClusterKeys.generate().tls()).build();
        TestServer server = TestServer.start(hangup -> hangup.cluster(cluster), routing -> routing.register(new HttpService() {
            @Override
            public void routing(HttpRules rules) {
            }

            @Override
            public void afterStop() {
                Thread.currentThread().interrupt();
            }
        }));
        Await.untilBegun("it has joined", () -> server.hangup().cluster().orElseThrow().members().size() == 1);
        server.server().stop();
        assertTrue(Thread.interrupted());
        for (int port : ports) {
            Await.until("port " + port + " is free", () -> isFree(port));
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}

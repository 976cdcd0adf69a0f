package dev.hangup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.RawClient;

/** How long it takes from a client's close to the close of the call that the demo's relay makes for it. */
final class RelayedCall implements Benchmark.Part {
    private static final int WARM_UPS = 1000;
    private static final int DEPARTURES = 2500;
    private static final String PATH = "/with-context/relay";
    private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public String question() {
        return "from the client's close to the close of the relay's own call, as its target sees it";
    }

    @Override
    public void run() throws Exception {
        try (ServerSocket target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerProcess server = ServerProcess.start("relay.url=http://127.0.0.1:" + target.getLocalPort() + "/")) {
            measure(server, target, false, WARM_UPS);
            System.out.println("on a new connection       " + new Samples(measure(server, target, false, DEPARTURES)).tail());
            measure(server, target, true, WARM_UPS);
            System.out.println("on one that was used      " + new Samples(measure(server, target, true, DEPARTURES)).tail());
        }
    }

    private static double[] measure(ServerProcess server, ServerSocket target, boolean reused, int departures)
            throws IOException, InterruptedException {
        double[] millis = new double[departures];
        byte[] buffer = new byte[4096];
        for (int i = 0; i < departures; i++) {
            try (RawClient client = RawClient.connect(server.port()).get(PATH); Socket call = target.accept()) {
                call.getInputStream().read(buffer);
                if (reused) {
                    call.getOutputStream().write(ANSWER);
                    client.read();
                    client.get(PATH);
                    call.getInputStream().read(buffer);
                }
                // for the watcher to be there: patience is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                client.leave();
                awaitEnd(call, buffer);
                millis[i] = (System.nanoTime() - left) / 1e6;
            }
        }
        return millis;
    }

    private static void awaitEnd(Socket call, byte[] buffer) {
        try {
            while (call.getInputStream().read(buffer) != -1) {
                // the rest of the call
            }
        } catch (IOException e) {
            // a reset is an end as well
        }
    }
}

package dev.hangup.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

import javax.net.ssl.SSLContext;

import dev.hangup.testing.RawClient;

/**
 * HTTP/1.1 clients that are answered, or that leave: in the middle of a request line, of a body, of an answer, while
 * they wait, behind pipelined requests; with a FIN, a reset, or by ending their side alone.
 *
 * @param port where the server listens
 * @param tls  what to connect with, if it is not clear text
 */
record Http1Traffic(int port, Optional<SSLContext> tls) implements Traffic {
    private static final String HEADERS = " HTTP/1.1\r\nHost: localhost\r\n";

    @Override
    public void visit(Random random) throws IOException {
        try (RawClient client = connect()) {
            for (int i = random.nextInt(3); i > 0; i--) {
                beAnswered(client, random);
            }
            switch (random.nextInt(8)) {
            case 0 -> client.send("GET /wai");
            case 1 -> client.send("POST /read" + HEADERS + "Content-Length: 100000\r\n\r\n")
                    .send(new byte[random.nextInt(50_000)]);
            case 2 -> client.send("POST /wait" + HEADERS + "Content-Length: 1000000\r\n\r\n")
                    .send(new byte[random.nextInt(500_000)]);
            case 3 -> client.get("/wait").get("/quick").get("/quick");
            case 4 -> {
                client.get("/stream");
                client.readHead();
            }
            case 5 -> {
                client.get("/wait", "X-Request-Timeout-Ms: " + (1 + random.nextInt(20)) + "\r\n");
                require(client.read(), 503, null);
            }
            case 6 -> beAnswered(client, random);
            default -> client.get("/wait");
            }
            LockSupport.parkNanos(random.nextInt(4) * 1_000_000L);
            leave(client, random);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void beAnswered(RawClient client, Random random) throws IOException {
        if (random.nextBoolean()) {
            require(client.get("/quick").read(), 200, "quick");
        } else {
            byte[] body = new byte[1 + random.nextInt(20_000)];
            client.send("POST /read" + HEADERS + "Content-Length: " + body.length + "\r\n\r\n").send(body);
            require(client.read(), 200, String.valueOf(body.length));
        }
    }

    private static void leave(RawClient client, Random random) {
        switch (random.nextInt(4)) {
        case 0 -> client.leave();
        case 1 -> client.vanish();
        case 2 -> client.reset();
        default -> client.endOutput();
        }
    }

    private RawClient connect() throws IOException {
        Socket tcp = new Socket(InetAddress.getLoopbackAddress(), port);
        return tls.isEmpty()
                ? RawClient.over(tcp)
                : RawClient.over(tls.get().getSocketFactory().createSocket(tcp, "localhost", port, true), tcp);
    }

    private static void require(RawClient.Response answer, int status, String text) throws IOException {
        if (answer.status() != status || text != null && !answer.text().equals(text)) {
            throw new IOException("Expected " + status + " " + text + ", not " + answer + " " + answer.text());
        }
    }
}

package dev.hangup.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.RawClient;

/**
 * HTTP/2 clients whose streams are answered, run into their deadline or are reset: at once, in the middle of a body or of
 * an answer, while they wait; and who then close the connection with what is left, announced or not.
 *
 * @param port where the server listens
 * @param tls  what to connect with, if it is not clear text
 */
record Http2Traffic(int port, Optional<SSLContext> tls) implements Traffic {
    @Override
    public void visit(Random random) throws IOException {
        try (Http2Client client = Http2Client.over(connect())) {
            for (int i = random.nextInt(6); i >= 0; i--) {
                stream(client, random);
            }
            LockSupport.parkNanos(random.nextInt(4) * 1_000_000L);
            switch (random.nextInt(4)) {
            case 0 -> client.socket().reset();
            case 1 -> client.socket().vanish();
            case 2 -> client.send(Http2Client.goAway());
            default -> client.socket().leave();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (AssertionError e) {
            throw new IOException(e);
        }
    }

    private static void stream(Http2Client client, Random random) throws IOException {
        switch (random.nextInt(8)) {
        case 0 -> require(client, client.get("/quick"), 200, "quick");
        case 1 -> {
            int id = client.post("/read");
            client.send(Http2Client.data(id, new byte[10_000], false), Http2Client.data(id, new byte[77], true));
            require(client, id, 200, "10077");
        }
        case 2 -> {
            int id = client.newStream();
            client.send(Http2Client.headers(id, "GET", "/wait", true), Http2Client.reset(id));
        }
        case 3 -> {
            int id = client.post("/wait");
            for (int i = random.nextInt(40); i >= 0; i--) {
                client.send(Http2Client.data(id, new byte[1 + random.nextInt(1_000)], false));
            }
            client.send(Http2Client.reset(id));
        }
        case 4 -> {
            int id = client.get("/stream");
            client.awaitBytes(id, 2_000);
            client.send(Http2Client.reset(id));
        }
        case 5 -> require(client, client.post("/wait", "x-request-timeout-ms", String.valueOf(1 + random.nextInt(20))),
                          503, null);
        case 6 -> client.post("/read");
        default -> client.get("/wait");
        }
    }

    private static void require(Http2Client client, int id, int status, String text) throws IOException {
        Http2Client.Answer answer = client.answer(id);
        if (answer.status() != status || text != null && !answer.text().equals(text)) {
            throw new IOException("Expected " + status + " " + text + ", not " + answer + " " + answer.text());
        }
    }

    private RawClient connect() throws IOException {
        Socket tcp = new Socket(InetAddress.getLoopbackAddress(), port);
        if (tls.isEmpty()) {
            return RawClient.over(tcp);
        }
        SSLSocket socket = (SSLSocket) tls.get().getSocketFactory().createSocket(tcp, "localhost", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        return RawClient.over(socket, tcp);
    }
}

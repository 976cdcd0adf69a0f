package dev.hangup.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import dev.hangup.testing.Trail;

/** What a relay calls: answers as it is told, or never; leaves a trail of what it sees. */
final class Target implements AutoCloseable {
    private final ServerSocket listener;
    private final String answer;
    private final Trail trail = new Trail();
    private volatile String request;

    private Target(String answer) {
        this.answer = answer;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::serve);
    }

    static Target answering(String status, String body) {
        return new Target("HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    static Target silent() {
        return new Target(null);
    }

    String url() {
        return "http://localhost:" + listener.getLocalPort() + "/";
    }

    /** Leaves "called" and, when the caller closes the connection of a call that was not answered, "aborted". */
    Trail trail() {
        return trail;
    }

    /** The head of the last call. */
    String request() {
        return request;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        while (true) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                head.write(socket.getInputStream().read());
            }
            request = head.toString(StandardCharsets.ISO_8859_1);
            trail.add("called");
            if (answer != null) {
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
            }
            if (socket.getInputStream().read() == -1 && answer == null) {
                trail.add("aborted");
            }
        } catch (IOException e) {
            trail.add(answer == null ? "aborted" : "failed");
        }
    }
}

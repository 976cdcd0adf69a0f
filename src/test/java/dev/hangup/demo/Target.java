package dev.hangup.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.testing.Trail;

/** What a relay calls: answers as it is told, or never; keeps connections alive; leaves a trail of what it sees. */
final class Target implements AutoCloseable {
    private final ServerSocket listener;
    private final Script script;
    private final Trail trail = new Trail();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private volatile String request;

    private Target(Script script) {
        this.script = script;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::serve);
    }

    static Target answering(String status, String body) {
        return doing((call, socket) -> say(socket, answer(status, body)));
    }

    static Target silent() {
        return doing((call, socket) -> End.AWAITED);
    }

    static Target doing(Script script) {
        return new Target(script);
    }

    /** A whole answer. */
    static String answer(String status, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Says it, and goes on. */
    static End say(Socket socket, String text) throws IOException {
        OutputStream output = socket.getOutputStream();
        output.write(text.getBytes(StandardCharsets.ISO_8859_1));
        output.flush();
        return End.NONE;
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

    /** How many connections there were. */
    int connections() {
        return connections.get();
    }

    /** How many of them are open. */
    int open() {
        return open.get();
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
                connections.incrementAndGet();
                open.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        boolean answered = true;
        try (socket) {
            End end = End.NONE;
            String head = readHead(socket);
            while (!head.isEmpty()) {
                answered = false;
                request = head;
                trail.add("called");
                end = script.act(head, socket);
                answered = end != End.AWAITED;
                head = end == End.NONE ? readHead(socket) : "";
            }
            if (end == End.AWAITED) {
                while (socket.getInputStream().read() != -1) {
                    // whatever it is
                }
                trail.add("aborted");
            } else if (end == End.RESET) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            trail.add(answered ? "failed" : "aborted");
        } finally {
            open.decrementAndGet();
        }
    }

    /** Empty if there is none. */
    private static String readHead(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int read = socket.getInputStream().read();
            if (read == -1) {
                return "";
            }
            head.write(read);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** How a call ends for its connection. */
    enum End {
        /** Not at all. */
        NONE,
        /** Closed by the target. */
        CLOSE,
        /** Reset by the target. */
        RESET,
        /** The answer is not complete, and the caller's close is waited for. */
        AWAITED
    }

    /** What to do with a call. */
    @FunctionalInterface
    interface Script {
        /** Does it; runs on a thread of the connection's. */
        End act(String head, Socket socket) throws IOException;
    }
}

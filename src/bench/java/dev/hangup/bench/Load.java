package dev.hangup.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Keep-alive connections that ask for the same thing again as soon as they have got it. */
final class Load implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final int port;
    private final byte[] request;
    private final int status;
    private final LongAdder answers = new LongAdder();
    private final ExecutorService threads;
    private volatile boolean over;
    /** Written by connections; any will do. */
    private volatile Exception failure;

    private Load(int port, String path, int status, int connections, long millis, ThreadFactory factory) {
        this.port = port;
        this.status = status;
        this.request = request(path);
        this.threads = Executors.newThreadPerTaskExecutor(factory);
        for (int i = 0; i < connections; i++) {
            long delay = millis * i / connections;
            threads.execute(() -> {
                try {
                    Thread.sleep(delay);
                    ask();
                } catch (IOException | InterruptedException | RuntimeException e) {
                    failure = e;
                }
            });
        }
    }

    /** How many answers came in that time; all of them have the same status. */
    static long run(int port, String path, int status, int connections, long millis) throws InterruptedException {
        try (Load load = new Load(port, path, status, connections, 0, Thread.ofPlatform().factory())) {
            TimeUnit.MILLISECONDS.sleep(millis);
            return load.answers();
        }
    }

    /** Opens a connection, asks once and closes it; returns how many answers came. */
    static long connect(int port, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request(path));
            return socket.getInputStream().read() == -1 ? 0 : 1;
        }
    }

    /** Connections that begin evenly spread over a time, until it is closed. */
    static Load start(int port, String path, int connections, long millis) {
        return new Load(port, path, 200, connections, millis, Thread.ofVirtual().factory());
    }

    /** How many answers came up to now. */
    long answers() {
        return answers.sum();
    }

    /** Waits until as many answers came, or for as long as that. */
    void await(long answers, Duration atMost) throws InterruptedException {
        long start = System.nanoTime();
        while (answers() < answers && System.nanoTime() - start < atMost.toNanos()) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    @Override
    public void close() {
        over = true;
        threads.close();
        if (failure != null) {
            throw new IllegalStateException("A connection has failed", failure);
        }
    }

    private static byte[] request(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void ask() throws IOException {
        byte[] buffer = new byte[1024];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            InputStream input = socket.getInputStream();
            int expected = 0;
            while (!over) {
                socket.getOutputStream().write(request);
                // the answer is always the same: the first tells how long it is
                int got = input.read(buffer);
                if (expected == 0) {
                    expected = length(new String(buffer, 0, got, StandardCharsets.US_ASCII));
                }
                while (got < expected) {
                    int more = input.read(buffer, got, buffer.length - got);
                    if (more == -1) {
                        throw new EOFException("After " + new String(buffer, 0, got, StandardCharsets.US_ASCII));
                    }
                    got += more;
                }
                answers.increment();
            }
        }
    }

    private int length(String response) {
        int body = response.indexOf("\r\n\r\n") + 4;
        int header = response.indexOf("Content-Length: ") + "Content-Length: ".length();
        if (!response.startsWith("HTTP/1.1 " + status)) {
            throw new IllegalStateException(response);
        }
        return body + Integer.parseInt(response.substring(header, response.indexOf('\r', header)));
    }
}
